//! What doses do.

use crate::reference::Reference;
use crate::twin::Setup;

/// 32 nmol into 32 mL; the reference is a stiff integration at tight tolerances.
#[test]
fn tmdd() {
    let model = "model seen\ntime h\nuse \"tmdd.model\"\nobserve tissue\nobserve rc";
    let paths = Setup::new(model, "96 h", "0.1 h")
        .with("[arm.only]\nregimen = { amount = \"32 nmol\" }\n")
        .run();
    let reference = Reference::of("tmdd");
    for (column, name) in [("l", "drug"), ("tissue", "tissue"), ("r", "target"), ("rc", "rc")] {
        // At the time of a dose its effect is not seen yet, where the reference begins with it.
        let mut after = Reference::of("tmdd");
        after.rows.retain(|row| row[0] > 0.0);
        assert_eq!(after.rows.len() + 1, reference.rows.len());
        let error = after.error(column, &paths.of("only", name), 24.0);
        assert!(error < 1e-7, "{column}: {error:e}");
    }
}
