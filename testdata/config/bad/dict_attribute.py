a = dict(b=1)
c = a.b
