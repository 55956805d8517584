a = 1
b = {{ fileName }}
