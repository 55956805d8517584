a = [1].union([2])
