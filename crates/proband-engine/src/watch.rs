//! Who watches a run: progress out, a wish to stop in. Nothing of it reaches a result.

/// Is told how far a run is, and may ask it to stop. Called from several threads.
pub trait Watch: Sync {
    /// So many twins have been drawn, and so many participants enrolled.
    fn screened(&self, drawn: u64, enrolled: u64) {
        let _ = (drawn, enrolled);
    }

    /// So many participants were simulated before, by a run that was interrupted.
    fn done_before(&self, participants: u64) {
        let _ = participants;
    }

    /// A shard is done, with so many participants in it.
    fn shard_done(&self, participants: u64) {
        let _ = participants;
    }

    /// So many of the twins have been simulated in every arm whose true values estimands are compared with.
    fn truth_known(&self, twins: u64, of: u64) {
        let _ = (twins, of);
    }

    /// Whether to stop: asked between shards.
    fn stop(&self) -> bool {
        false
    }
}

/// Watches nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unwatched;

impl Watch for Unwatched {}
