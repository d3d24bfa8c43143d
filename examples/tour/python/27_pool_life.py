"""A pool's calls, with those who are told of their results, and its end, in legal and illegal orders."""

from multiprocessing import Pool


def add(a, b):
    return a + b


def refuse(number):
    raise ValueError(f"I do not like {number}")


def tell_result(result):
    print("callback:", result)


def tell_error(error):
    print("error_callback:", error)


def attempt(name, call):
    try:
        call()
        print(f"{name}: fine")
    except ValueError as error:
        print(f"{name}: ValueError: {error}")


def call():
    pool = Pool(2)
    print("apply:", pool.apply(add, (1, 2)))
    print("starmap:", pool.starmap(add, [(1, 2), (3, 4)]))
    pool.apply_async(add, (3, 4), callback=tell_result, error_callback=tell_error).wait()
    pool.apply_async(refuse, (13,), callback=tell_result, error_callback=tell_error).wait()

    attempt("join before close", pool.join)
    attempt("close", pool.close)
    attempt("close again", pool.close)
    attempt("apply after close", lambda: pool.apply(add, (1, 2)))
    attempt("join", pool.join)
    attempt("join again", pool.join)


def terminate():
    pool = Pool(2)
    attempt("terminate", pool.terminate)
    attempt("terminate again", pool.terminate)
    attempt("apply after terminate", lambda: pool.apply(add, (1, 2)))
    attempt("join after terminate", pool.join)


if __name__ == "__main__":
    call()
    terminate()
