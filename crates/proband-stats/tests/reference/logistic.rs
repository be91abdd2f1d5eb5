use proband_stats::Level;
use proband_stats::regression::logistic;

use crate::cases;
use crate::table::{self, as_numbers};

#[test]
fn dermatologic_events_of_the_pilot() {
    let case = cases::case("logistic", "derm_event");
    let (adsl, adae) = (table::read("adsl.csv"), table::read("adae_by_subject.csv"));
    let low = as_numbers(&adsl.is("TRT01A", "Xanomeline Low Dose"));
    let high = as_numbers(&adsl.is("TRT01A", "Xanomeline High Dose"));
    let (age, male) = (adsl.numbers("AGE"), as_numbers(&adsl.is("SEX", "M")));
    let fit = logistic(&[&low, &high, &age, &male], &adae.is("DERM", "1")).unwrap();
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
