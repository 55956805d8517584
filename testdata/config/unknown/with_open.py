with open('x') as f:
    a = 1
