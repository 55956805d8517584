x = range(10**12)
