"""Agents for CatMouse: recurrent brains in numpy that learn from a teacher's labels, and their proof.

They see an environment through Gymnasium's public interface only: observations and `info`.
"""

from agents.brain import Brain, BrainConfig
from agents.evaluation import Evaluation, evaluate
from agents.files import BadFileError
from agents.policies import Policy, RandomAgent
from agents.teacher_agent import TeacherAgent
from agents.trainer import SupervisedTrainer, TrainingError

__all__ = [
    "BadFileError",
    "Brain",
    "BrainConfig",
    "Evaluation",
    "Policy",
    "RandomAgent",
    "SupervisedTrainer",
    "TeacherAgent",
    "TrainingError",
    "evaluate",
]
