"""The boards, one file each, in the order in which people ask."""

from grafana.board import Board
from grafana.boards.cost import COST
from grafana.boards.now import NOW
from grafana.boards.pipeline import PIPELINE
from grafana.boards.team import TEAM

BOARDS: tuple[Board, ...] = (NOW, TEAM, COST, PIPELINE)
