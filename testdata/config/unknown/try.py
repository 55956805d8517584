try:
    a = 1
except ValueError:
    a = 2
