a = 1j
