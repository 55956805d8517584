b = dict(x=1)
a = dict(x=2, **b)
