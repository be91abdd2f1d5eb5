//! True values beside what was seen.

use crate::run;

#[test]
fn a_visit_on_the_grid_of_the_truth_is_one_row() {
    let model = "
model grows
time day
state x [mg] = 1 mg
d x/dt = 1 mg/day
observe x
";
    let tables = run(
        1,
        model,
        r#"
output.truth_every = "12 h"
[arm.a]
[epoch.run_in]
duration = "1 day"
[epoch.treatment]
duration = "2 day"
[[encounter]]
at = ["day -1", "day 1", "day 2"]
"#,
    );
    let rows = &[("PARAMCD", "X")];
    let times = tables.numbers("truth", rows, "ATIME");
    assert_eq!(times, [-1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0]);
    let weeks = tables.numbers("truth", rows, "AVISITN");
    assert_eq!(weeks.iter().filter(|week| week.is_finite()).count(), 3);
    crate::assert_close(
        &tables.numbers("truth", rows, "AVAL"),
        &times.iter().map(|day| day + 2.0).collect::<Vec<_>>(),
    );
}

#[test]
fn an_infusion_ends_with_the_participant() {
    let model = "
model ends
time day
state x [mg]
dose iv -> x
d x/dt = 0 mg/day
event death when t > 1.25 day, terminal
observe x
";
    let tables = run(
        1,
        model,
        r#"
[arm.a]
regimen = { amount = "10 mg", over = "1 day", every = "1 day" }
[[encounter]]
at = ["day 4"]
"#,
    );
    crate::assert_close(&tables.numbers("adex", &[], "ASTTIME"), &[0.0, 1.0]);
    crate::assert_close(&tables.numbers("adex", &[], "AENTIME"), &[1.0, 1.25]);
    crate::assert_close(&tables.numbers("adex", &[], "EXENDY"), &[2.0, 2.0]);
}
