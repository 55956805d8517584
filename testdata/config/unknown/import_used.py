import os

home = os.environ["HOME"]
