a = __import__('os').getcwd()
