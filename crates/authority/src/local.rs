use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use capability::{Grant, SignedGrant};
use ledger::{Event, Ledger, Position, Receipt, SecretKey, Signer, VerifierKey};

use crate::{
    Authority, DecideRequest, DecideResponse, Decider, Error, Events, Result, key_id, keyfile,
};

/// The authority in the caller's own process: its key is a file of the same user.
pub struct Local {
    key: Arc<SecretKey>,
    ledger: Ledger,
    decider: Box<dyn Decider>,
    /// How far the ledger was checked, so that following it costs only what is new.
    seen: Mutex<Position>,
}

impl Local {
    /// Opens the state in a directory (`key`, `ledger/`), making it on first use.
    ///
    /// # Errors
    /// The key or the ledger cannot be used; the message says which and what to do.
    pub fn open(state: &Path, decider: Box<dyn Decider>) -> Result<Self> {
        let key = Arc::new(keyfile::open_or_create(&state.join("key"))?);
        let signer = Arc::clone(&key) as Arc<dyn Signer>;
        let ledger = Ledger::open(&state.join("ledger"), signer)?;
        Ok(Self {
            key,
            ledger,
            decider,
            seen: Mutex::default(),
        })
    }

    /// The ledger itself, for reading.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }
}

impl Authority for Local {
    fn key(&self) -> &VerifierKey {
        self.key.key()
    }

    fn sign(&self, grant: Grant) -> Result<SignedGrant> {
        let signature = self.key.sign(&grant.signing_bytes()).map_err(Error::Sign)?;
        Ok(SignedGrant {
            grant,
            key: key_id(self.key()),
            signature: BASE64.encode(signature),
        })
    }

    fn append(&self, events: Vec<Event>) -> Result<Vec<Receipt>> {
        Ok(self.ledger.append_batch(events)?)
    }

    fn events(&self, from: u64, prefix: &str) -> Result<Events> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let mut position = if seen.size() == from {
            seen.clone()
        } else {
            Position::default()
        };
        let mut records = self.ledger.view()?.since(&mut position, prefix)?;
        if from > position.size() {
            return Err(ledger::Error::NoRecord {
                index: from - 1,
                size: position.size(),
            }
            .into());
        }
        records.retain(|record| record.index >= from);
        let next = position.size();
        *seen = position;
        Ok(Events { records, next })
    }

    fn decide(&self, request: DecideRequest) -> Result<DecideResponse> {
        self.decider.decide(request).map_err(Error::Undecided)
    }

    fn guarantee(&self) -> &str {
        "The key is a file of this user: any program that runs as the same user, an unconfined \
         agent included, can sign grants and rewrite the ledger's end. Keep checkpoints \
         elsewhere, or run the guard under its own user."
    }
}
