"""The boards, one file each."""

from grafana.board import Board
from grafana.boards.pipeline import PIPELINE
from grafana.boards.teams_live import TEAMS_LIVE

BOARDS: tuple[Board, ...] = (TEAMS_LIVE, PIPELINE)
