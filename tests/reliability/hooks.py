def install(hooks): pass
