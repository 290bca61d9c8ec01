"""What every bench needs: the product as real processes, customers, operators, the journal, and places to stop at.

A bench is a module with `main(argv) -> int`; inside it `entry.run(...)` runs a coroutine that ends cleanly on Ctrl-C,
and `product.running(...)` starts emulator, gateway and worker on free ports with a BATON_HOME of their own.
"""
