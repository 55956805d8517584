# Assignments of all kinds, and who sees a change.
a = b = [1, 2]
b.append(3)  # a and b are one list
c = list(a)
c.append(4)
d, (e, *f) = 1, (2, 3, 4)
g: int = 5
g += 1
a += [9]
h = dict(x=1, y=dict(z=[1]))
h['y']['z'] += [2]
h['w'] = h['y']
h['w']['seen'] = True
i = h.pop('x')
j = h.copy()
j['only_j'] = 1
shared = [h['y'], h['y']]
shared[0]['twice'] = True
k = [5, 3, 4]
k.insert(0, 1)
k.pop()
k.remove(5)
k.extend((7, 6))
k.sort()
k.reverse()
del k[0], h['w']
temporary = 1
del temporary
if len(k) > 1:
    branch = 'many'
elif k:
    branch = 'one'
else:
    branch = 'none'
total = 0
for n, m in [(1, 2), (3, 4)]:
    total += n * m
for n in range(2):
    if n: first = n
else:
    pass
__hidden__ = 1
_private = 2
import os  # noqa: never used
h.setdefault('v', []).append(1)
