//! Incomplete gamma and beta functions against values of 40 digits, and their inverses.

use proband_math::special::{
    Tail, Tails, beta_inverse, beta_tails, gamma_inverse, gamma_tails,
};

const REFERENCES: &str = include_str!("data/incomplete.csv");

/// Of the smaller tail. The largest errors are of the exponent's few ulp at tails of 1e-280.
const LIMIT: f64 = 2e-13;
/// Of the smaller tail of a beta distribution with a shape below a tenth, where that tail may be
/// the complement of the one computed: an absolute error.
const SMALL_SHAPE_LIMIT: f64 = 3e-15;
/// Of the larger tail, mostly the other's complement.
const COMPLEMENT_LIMIT: f64 = 2e-14;

struct Reference {
    function: &'static str,
    a: f64,
    b: f64,
    x: f64,
    tails: Tails,
}

fn references() -> Vec<Reference> {
    let lines = REFERENCES.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let fields: Vec<&str> = line.split(',').collect();
            let number = |i: usize| fields[i].parse().unwrap_or(f64::NAN);
            let tails = Tails { lower: number(4), upper: number(5) };
            Reference { function: fields[0], a: number(1), b: number(2), x: number(3), tails }
        })
        .collect()
}

fn tails(case: &Reference) -> Tails {
    match case.function {
        "gamma" => gamma_tails(case.a, case.x),
        _ => beta_tails(case.a, case.b, case.x, 1.0 - case.x),
    }
}

fn relative(found: f64, wanted: f64) -> f64 {
    (found / wanted - 1.0).abs()
}

#[test]
fn both_tails_have_their_digits() {
    let mut worst = (0.0, 0.0);
    for case in references() {
        let found = tails(&case);
        let mut errors =
            [relative(found.lower, case.tails.lower), relative(found.upper, case.tails.upper)];
        let small = usize::from(case.tails.upper < case.tails.lower);
        if case.function == "beta" && case.a.min(case.b) < 0.1 {
            let tail = case.tails.lower.min(case.tails.upper);
            errors[small] *= (tail * LIMIT / SMALL_SHAPE_LIMIT).min(1.0);
        }
        let Reference { function, a, b, x, .. } = case;
        if errors[small] > LIMIT || errors[1 - small] > COMPLEMENT_LIMIT {
            println!("{function} {a} {b} at {x:e}: {found:?}, wanted {:?}", case.tails);
        }
        worst = (f64::max(worst.0, errors[small]), f64::max(worst.1, errors[1 - small]));
        assert!(!errors[0].is_nan() && !errors[1].is_nan(), "{function} {a} {b} at {x:e}");
    }
    println!("worst: smaller tail {:e}, larger {:e}", worst.0, worst.1);
    assert!(worst.0 <= LIMIT && worst.1 <= COMPLEMENT_LIMIT, "{worst:?}");
}

/// The inverse must reproduce the tail, as far as the last digit of the point determines it.
#[test]
fn inverses_reproduce_the_tail() {
    let mut worst = 0.0_f64;
    for case in references() {
        let Reference { function, a, b, x, .. } = case;
        let wanted = tails(&case);
        let found = match function {
            "gamma" => gamma_inverse(a, wanted.smaller()),
            _ => beta_inverse(a, b, wanted.smaller()),
        };
        let at = |x: f64| tails(&Reference { x, ..case_at(function, a, b) });
        let (below, above) = (at(x * (1.0 - 4e-15)), at(x * (1.0 + 4e-15)));
        let reproduced = at(found);
        let (was, is, slack) = match wanted.smaller() {
            Tail::Lower(p) => (p, reproduced.lower, above.lower - below.lower),
            Tail::Upper(q) => (q, reproduced.upper, below.upper - above.upper),
        };
        let error = ((is - was).abs() - slack.abs()).max(0.0) / was;
        if error > LIMIT {
            println!("{function} {a} {b} at {x:e}: {found:e}, off {error:e}");
        }
        worst = worst.max(error);
        assert!(!found.is_nan(), "{function} {a} {b} at {x:e}");
    }
    println!("worst {worst:e}");
    assert!(worst <= LIMIT, "{worst:e}");
}

fn case_at(function: &'static str, a: f64, b: f64) -> Reference {
    Reference { function, a, b, x: 0.0, tails: Tails::from_lower(0.0) }
}
