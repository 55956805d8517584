len(a) = 1
