"""Runs one Python peer on one workload: `peers.py PEER WORKLOAD PATIENTS TOLERANCE`.

Prints patients per second of processor time, and the error, once the code is compiled. numbalsoda solves one
patient after the other by LSODA; diffrax all at once, by Tsit5 where a workload is not stiff and Kvaerno5 where it
is.
"""

import os
import sys
import time

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import numpy as np
from workloads import load


def numbalsoda(workload, patients, tolerance):
    import numba
    from numbalsoda import lsoda, lsoda_sig

    n, width = workload.states, workload.parameters.shape[1]
    rhs, outputs, start = (numba.njit(f) for f in (workload.rhs, workload.outputs, workload.start))

    @numba.cfunc(lsoda_sig)
    def f(t, y_, dy_, p_):
        y, dy, p = numba.carray(y_, (n,)), numba.carray(dy_, (n,)), numba.carray(p_, (width,))
        rates = rhs(t, y, p)
        for i in range(n):
            dy[i] = rates[i]

    pointer = f.address
    bounds = np.array([(a, b, bolus, rate) for a, b, bolus, rate, _ in workload.stretches], dtype=float)
    grids, wanted = [], []
    for a, b, _, _, times in workload.stretches:
        ends = len(times) and times[-1] == b
        grids.append(np.concatenate([[a], times, [] if ends else [b]]))
        wanted.append(len(times))
    first = np.cumsum([0] + [len(grid) for grid in grids])
    grid, wanted = np.concatenate(grids), np.array(wanted)
    tuple_width = len(workload.outputs(np.ones(n), np.ones(width)))

    @numba.njit
    def solve(people, tolerance, out):
        for person in range(len(people)):
            p = people[person].copy()
            y = np.array(start(p))
            values, row = outputs(y, p), 1
            for k in range(tuple_width):
                out[person, 0, k] = values[k]
            for s in range(len(bounds)):
                y[0] += bounds[s, 2]
                p[-1] = bounds[s, 3]
                path, _ = lsoda(pointer, y, grid[first[s] : first[s + 1]], p, tolerance, 1e-3 * tolerance)
                for k in range(wanted[s]):
                    values = outputs(path[1 + k], p)
                    for q in range(tuple_width):
                        out[person, row, q] = values[q]
                    row += 1
                y = path[-1].copy()

    out = np.full((patients, len(workload.times), tuple_width), np.nan)
    people = workload.parameters[:patients]
    solve(people[:1], tolerance, out[:1])
    begun = time.process_time()
    solve(people, tolerance, out)
    return time.process_time() - begun, out


def diffrax(workload, patients, tolerance):
    import diffrax
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    stiff = workload.name not in ("W1", "W2")
    term = diffrax.ODETerm(lambda t, y, p: jnp.stack(workload.rhs(t, y, p)))
    solver = diffrax.Kvaerno5() if stiff else diffrax.Tsit5()
    control = diffrax.PIDController(rtol=tolerance, atol=1e-3 * tolerance)

    def stretch(y, p, a, b, bolus, rate, times):
        y, p = y.at[0].add(bolus), p.at[-1].set(rate)
        times = times if len(times) and times[-1] == b else np.append(times, b)
        path = diffrax.diffeqsolve(
            term, solver, a, b, None, y, args=p, saveat=diffrax.SaveAt(ts=jnp.array(times)),
            stepsize_controller=control, max_steps=100_000,
        )
        return path.ys

    def one(p):
        y = jnp.stack([jnp.asarray(x, dtype=float) for x in workload.start(p)])
        rows = [jnp.stack(workload.outputs(y, p))]
        if stiff:
            for a, b, bolus, rate, times in workload.stretches:
                ys = stretch(y, p, a, b, bolus, rate, times)
                rows += [jnp.stack(workload.outputs(ys[k], p)) for k in range(len(times))]
                y = ys[-1]
            return jnp.stack(rows)
        # Equal stretches: one is compiled, and repeated.
        a, b, bolus, rate, times = workload.stretches[0]

        def again(y, _):
            ys = stretch(y, p, a, b, bolus, rate, times)
            return ys[-1], jax.vmap(lambda y: jnp.stack(workload.outputs(y, p)))(ys)

        _, found = jax.lax.scan(again, y, None, length=len(workload.stretches))
        return jnp.concatenate([jnp.stack(rows), found.reshape(-1, found.shape[-1])])

    people = jnp.array(workload.parameters[:patients])
    solve = jax.jit(jax.vmap(one))
    solve(people).block_until_ready()
    begun = time.process_time()
    found = solve(people).block_until_ready()
    return time.process_time() - begun, np.array(found)


def main():
    peer, name, patients, tolerance = sys.argv[1:]
    workload, patients = load(name), int(patients)
    seconds, found = {"numbalsoda": numbalsoda, "diffrax": diffrax}[peer](workload, patients, float(tolerance))
    print(patients / seconds, workload.error(found), sep="\t")


if __name__ == "__main__":
    main()
