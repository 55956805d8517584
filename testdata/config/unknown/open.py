content = open('/etc/passwd').read()
