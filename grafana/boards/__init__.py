"""The boards, one file each, in the order in which people ask."""

from grafana.board import Board
from grafana.boards.anomalies import ANOMALIES
from grafana.boards.cost import COST
from grafana.boards.my_sessions import MY_SESSIONS
from grafana.boards.now import NOW
from grafana.boards.pipeline import PIPELINE
from grafana.boards.session import SESSION
from grafana.boards.team import TEAM
from grafana.boards.tools import TOOLS_AND_MODELS

BOARDS: tuple[Board, ...] = (NOW, TEAM, MY_SESSIONS, SESSION, COST, TOOLS_AND_MODELS, ANOMALIES, PIPELINE)
