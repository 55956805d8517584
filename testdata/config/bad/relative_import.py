from .base import model
