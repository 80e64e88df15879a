"""The boards, one file each, in the order in which people ask."""

from grafana.board import Board
from grafana.boards.cost import COST
from grafana.boards.now import NOW
from grafana.boards.pipeline import PIPELINE
from grafana.boards.team import TEAM
from grafana.boards.tools import TOOLS_AND_MODELS

BOARDS: tuple[Board, ...] = (NOW, TEAM, COST, TOOLS_AND_MODELS, PIPELINE)
