use proband_stats::Level;
use proband_stats::regression::logistic;

use crate::area::Area;
use crate::cases::{self, Case};
use crate::table::{self, as_numbers};

#[test]
fn dermatologic_events_of_the_pilot() {
    let case = cases::case("logistic", "derm_event");
    let adsl = table::read("adsl.csv");
    let derm: Vec<bool> = table::adverse_events(&adsl, &[("CQ01NAM", "DERMATOLOGIC EVENTS")])
        .iter()
        .map(|&events| events > 0)
        .collect();
    let low = as_numbers(&adsl.is("TRT01A", "Xanomeline Low Dose"));
    let high = as_numbers(&adsl.is("TRT01A", "Xanomeline High Dose"));
    let (age, male) = (adsl.numbers("AGE"), as_numbers(&adsl.is("SEX", "M")));
    let fit = logistic(&[&low, &high, &age, &male], &derm).unwrap();
    case.check("/n", fit.n as f64);
    case.check("/logLik", fit.log_likelihood);
    case.check("/deviance", fit.deviance());
    case.check("/null_deviance", -2.0 * fit.null_log_likelihood);
    for k in 0..5 {
        let ours = fit.odds_ratio(k, Level::P95).unwrap();
        let keys = ["or", "or_lower", "or_upper"];
        case.check_ratio(&format!("/coefficients/{k}"), keys, &ours);
    }
}

pub(crate) const AREA: Area = Area {
    name: "logistic",
    agrees_to: 0.0,
    certify: none,
    not_reproduced: &[("*", "not built yet")],
};

fn none(_: &Case) {}
