//! Texts that would exhaust stack, memory or patience are answered with a fault, or taken in stride.

use crate::cases::open;
use proband_diag::InMemory;

/// Checks a model with this text; true if it is one.
fn checks(text: String) -> bool {
    let files = InMemory([("m.model".to_owned(), text)].into());
    let outcome = open("m.model", &files);
    assert_eq!(outcome.model.is_none(), outcome.faults.has_errors());
    outcome.model.is_some()
}

fn with_expression(expression: &str) -> String {
    format!("model m\nlet x = {expression}\nobserve y = x\n")
}

#[test]
fn deep_nesting_is_refused_not_a_crash() {
    const DEEP: usize = 100_000;
    let nested = |open: &str, close: &str| {
        with_expression(&format!("{}1{}", open.repeat(DEEP), close.repeat(DEEP)))
    };
    for (open, close) in [
        ("(", ")"),
        ("-", ""),
        ("exp(", ")"),
        ("2^", ""),
        ("if 1 < 2 then ", " else 1"),
        ("if 1 < 2 then 1 else ", ""),
        ("x[", "]"),
        ("sum(i in 1..1: ", ")"),
        ("1 + (", ")"),
    ] {
        assert!(!checks(nested(open, close)), "{open}");
    }
    assert!(!checks(with_expression(&format!("{}1 < 2", "not ".repeat(DEEP)))));
    assert!(!checks(with_expression(&format!("1 {}mg{}", "(".repeat(DEEP), ")".repeat(DEEP)))));
}

#[test]
fn long_sums_are_refused_or_taken_but_no_crash() {
    for term in [" + 1", " - 1", " * 1", " / 1", " in mg", "^1"] {
        let _ = checks(with_expression(&format!("1{}", term.repeat(100_000))));
    }
    let _ = checks(with_expression(&format!(
        "if 1 < 2{} then 1 else 2",
        " and 1 < 2".repeat(50_000)
    )));
    let _ = checks(with_expression(&format!("if 1{} then 1 else 2", " < 2".repeat(50_000))));
    // What people do write: a few hundred terms.
    assert!(checks(with_expression(&format!("1{}", " + 1".repeat(300)))));
}

#[test]
fn long_chains_of_definitions_are_taken() {
    let mut text = "model m\nlet x0 = 1\n".to_owned();
    for i in 1..2000 {
        text.push_str(&format!("let x{i} = x{} + 1\n", i - 1));
    }
    text.push_str("observe y = x1999\n");
    assert!(checks(text));
}

#[test]
fn functions_that_double_are_refused_not_expanded() {
    let mut text = "model m\nfunction f0(x) = x + x\n".to_owned();
    for i in 1..40 {
        text.push_str(&format!("function f{i}(x) = f{}(x) + f{}(x)\n", i - 1, i - 1));
    }
    text.push_str("let z = f39(1)\nobserve y = z\n");
    assert!(!checks(text));
}

#[test]
fn families_beyond_reason_are_refused() {
    for set in [
        "1..1000000000",
        "1..99999999999999999999",
        "-9223372036854775808..9223372036854775807",
    ] {
        assert!(
            !checks(format!("model m\nset n = {set}\nlet x[n] = 1\nobserve y = x[1]\n")),
            "{set}"
        );
    }
    let square =
        "model m\nset n = 1..5000\nlet w[i in n, j in n] = i + j\nobserve y = w[1, 1]\n";
    assert!(!checks(square.to_owned()));
    let sums = "model m\nset n = 1..3000\nlet y = sum(i in n: sum(j in n: sum(k in n: 1)))\nobserve z = y\n";
    assert!(!checks(sums.to_owned()));
}

#[test]
fn empty_and_odd_files_are_answered() {
    for text in [
        "",
        "\n\n",
        "# only a comment\n",
        "  indented\n",
        "model",
        "\u{feff}model m\n",
        "model m\r\nlet x = 1\r\nobserve y = x\r\n",
    ] {
        let _ = checks(text.to_owned());
    }
    assert!(
        checks("model m\r\nlet x = 1\r\nobserve y = x\r\n".to_owned()),
        "Windows line ends"
    );
}

#[test]
fn long_names_and_texts_are_answered() {
    let long = "a".repeat(1_000_000);
    assert!(!checks(with_expression(&long)));
    assert!(!checks(format!("model m\n{long} x = 1\n")));
    assert!(!checks(with_expression(&format!("1 {long}"))));
    assert!(!checks(format!("model m \"{long}\nlet x = 1\n")));
}

#[test]
fn thousands_of_faults_are_answered() {
    assert!(!checks(format!("model m\n{}", "let x = 1\n".repeat(5_000))));
    assert!(!checks(format!("model m\n{}", "lte x = 1\n".repeat(5_000))));
    assert!(!checks(format!("model m\nlet x = 1{}\n", " + y".repeat(900))));
}
