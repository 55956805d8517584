a = '''text
more
