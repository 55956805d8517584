a = []
for i in range(1000):
    a = [a]
