//! Generalised estimating equations.

use proband_stats::Level;
use proband_stats::gee::{CorrelatedRows, GeeFit, Response, WorkingCorrelation, gee};

use crate::area::Area;
use crate::cases::Case;
use crate::{respiratory, table};

pub(crate) const AREA: Area =
    Area { name: "gee", agrees_to: 1e-7, certify: every_visit, not_reproduced: &[] };

#[test]
fn gee_certified() {
    AREA.certify();
}

fn every_visit(case: &Case) {
    let table = table::read("respiratory.csv");
    let centre = table.levels("center", &["1", "2"]);
    let id: Vec<usize> = table.numbers("id").iter().map(|&id| id as usize).collect();
    // Numbers of participants start again in the second centre.
    let participant: Vec<usize> = id.iter().zip(&centre).map(|(i, c)| 1000 * c + i).collect();
    let visit: Vec<usize> = table.numbers("visit").iter().map(|&v| v as usize).collect();
    let shapes = [
        WorkingCorrelation::Independence,
        WorkingCorrelation::Exchangeable,
        WorkingCorrelation::AutoRegressive,
    ];
    respiratory::with_design(&table, |design| {
        let rows = CorrelatedRows {
            response: &table.numbers("outcome"),
            columns: &design.columns(),
            participant: &participant,
            visit: &visit,
        };
        for (k, shape) in shapes.into_iter().enumerate() {
            check(case, k, &gee(&rows, Response::Event, shape).unwrap());
        }
    });
}

fn check(case: &Case, k: usize, ours: &GeeFit) {
    if let [correlation] = ours.correlation[..] {
        case.check(&format!("/{k}/alpha"), correlation);
    }
    case.check(&format!("/{k}/scale"), ours.scale);
    for j in 0..6 {
        let at = format!("/{k}/coefficients/{j}");
        let effect = ours.robust.effect(j, Level::P95).unwrap();
        case.check(&format!("{at}/estimate"), effect.estimate.value);
        case.check(&format!("{at}/robust_se"), effect.estimate.se);
        case.check(&format!("{at}/wald"), effect.statistic * effect.statistic);
        case.check(&format!("{at}/p"), effect.p);
    }
}
