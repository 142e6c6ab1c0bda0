//! Keys, sealing and opening.
//!
//! Each case, person and unit has its own key in `keys.db`, a SQLite file of its own beside the data on either engine. A
//! batch's new keys are durable before its commit; keys whose thing never came to be are swept at start. Sealing is
//! XChaCha20-Poly1305 with the aggregate's id as associated data, so that a value moved to another case does not open.
//! The file's own protection (wrapping, rotation, recovery sheet) is the business of the issue Trust.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use jingwei_core::sealed::{Digest, Sealed, XCHACHA20_POLY1305};
use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::error::{EngineError, Result};
use crate::random::{self, Random};

/// A key of 256 bits.
pub(crate) type Key = [u8; 32];

const NONCE: usize = 24;
/// Keys kept in memory; beyond it the cache starts anew.
const CACHED: usize = 100_000;

/// Opens sealed values and makes keys. Shared by all threads.
pub(crate) struct Vault {
    reader: Mutex<Connection>,
    cache: Mutex<HashMap<Uuid, Key>>,
    index_key: Key,
    random: Arc<dyn Random>,
}

/// Writes keys; held by the writer alone.
pub(crate) struct KeyWriter(Connection);

/// Seals for one aggregate.
pub(crate) struct Sealer<'a> {
    aggregate: Uuid,
    key: Key,
    random: &'a dyn Random,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn fault(error: impl std::fmt::Display) -> EngineError {
    EngineError::Vault(error.to_string())
}

/// SHA-256 over the parts, each with its length before it, so that no two lists of parts have the same hash.
pub fn body_hash(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

impl Vault {
    /// Opens (or makes) `keys.db` and `node.key` in `dir`. Files that others can read are refused.
    pub(crate) fn open(dir: &Path, random: Arc<dyn Random>) -> Result<(Self, KeyWriter)> {
        let path = dir.join("keys.db");
        // Made private before SQLite opens it: its log takes over the permissions of the file.
        make_private(&path)?;
        let write = connect(&path)?;
        write
            .execute_batch(
                "CREATE TABLE IF NOT EXISTS key (
                   aggregate BLOB NOT NULL PRIMARY KEY, -- case, person or unit
                   key BLOB NOT NULL,                   -- 32 bytes
                   settled INTEGER NOT NULL             -- 1: the aggregate is known to exist
                 ) STRICT;
                 CREATE INDEX IF NOT EXISTS key_unsettled ON key (aggregate) WHERE settled = 0;",
            )
            .map_err(fault)?;
        let index_key = node_key(&dir.join("node.key"), random.as_ref())?;
        let reader = Mutex::new(connect(&path)?);
        Ok((
            Self {
                reader,
                cache: Mutex::default(),
                index_key,
                random,
            },
            KeyWriter(write),
        ))
    }

    /// Opens the files that are there, to read.
    pub(crate) fn open_reading(dir: &Path, random: Arc<dyn Random>) -> Result<Self> {
        let (path, node) = (dir.join("keys.db"), dir.join("node.key"));
        for file in [&path, &node] {
            if !file.exists() {
                return Err(EngineError::Vault(format!(
                    "{} is not there",
                    file.display()
                )));
            }
        }
        let index_key = node_key(&node, random.as_ref())?;
        let reader = Mutex::new(connect(&path)?);
        Ok(Self {
            reader,
            cache: Mutex::default(),
            index_key,
            random,
        })
    }

    /// Whether sealed bytes open under the aggregate's key; a destroyed key opens nothing and is no fault.
    pub(crate) fn opens(&self, aggregate: Uuid, bytes: &[u8]) -> Result<bool> {
        let Some(key) = self.key(aggregate)? else {
            return Ok(true);
        };
        if bytes.first() != Some(&XCHACHA20_POLY1305) || bytes.len() < 1 + NONCE {
            return Ok(false);
        }
        let (nonce, text) = bytes[1..].split_at(NONCE);
        let payload = Payload {
            msg: text,
            aad: aggregate.as_bytes(),
        };
        Ok(XChaCha20Poly1305::new(&key.into())
            .decrypt(XNonce::from_slice(nonce), payload)
            .is_ok())
    }

    /// A new key, not yet kept anywhere.
    pub(crate) fn fresh(&self) -> Key {
        random::bytes(self.random.as_ref())
    }

    /// Seals under a given key.
    pub(crate) fn sealer(&self, aggregate: Uuid, key: Key) -> Sealer<'_> {
        Sealer {
            aggregate,
            key,
            random: self.random.as_ref(),
        }
    }

    /// Seals under the key that the aggregate has; none when it has none (unknown or erased).
    pub(crate) fn sealer_of(&self, aggregate: Uuid) -> Result<Option<Sealer<'_>>> {
        Ok(self.key(aggregate)?.map(|key| self.sealer(aggregate, key)))
    }

    fn key(&self, aggregate: Uuid) -> Result<Option<Key>> {
        if let Some(key) = lock(&self.cache).get(&aggregate) {
            return Ok(Some(*key));
        }
        let found: Option<Vec<u8>> = lock(&self.reader)
            .prepare_cached("SELECT key FROM key WHERE aggregate = ?1")
            .and_then(|mut s| {
                s.query_row([aggregate.as_bytes().as_slice()], |row| row.get(0))
                    .optional()
            })
            .map_err(fault)?;
        let key = found
            .map(|key| Key::try_from(key.as_slice()).map_err(fault))
            .transpose()?;
        if let Some(key) = key {
            self.remember(&[(aggregate, key)]);
        }
        Ok(key)
    }

    /// Keeps keys that are durable at hand.
    pub(crate) fn remember(&self, keys: &[(Uuid, Key)]) {
        let mut cache = lock(&self.cache);
        if cache.len() + keys.len() > CACHED {
            cache.clear();
        }
        cache.extend(keys.iter().copied());
    }

    /// Opens a sealed value; none when the key was destroyed.
    pub(crate) fn open_sealed<T: DeserializeOwned>(
        &self,
        aggregate: Uuid,
        sealed: &Sealed<T>,
    ) -> Result<Option<T>> {
        let Some(key) = self.key(aggregate)? else {
            return Ok(None);
        };
        let bytes = sealed.as_bytes();
        if bytes.first() != Some(&XCHACHA20_POLY1305) || bytes.len() < 1 + NONCE {
            return Err(EngineError::Vault(
                "a sealed value has an unknown algorithm".to_owned(),
            ));
        }
        let (nonce, text) = bytes[1..].split_at(NONCE);
        let plain = XChaCha20Poly1305::new(&key.into())
            .decrypt(
                XNonce::from_slice(nonce),
                Payload {
                    msg: text,
                    aad: aggregate.as_bytes(),
                },
            )
            .map_err(|_| {
                EngineError::Vault(format!("a sealed value of {aggregate} does not open"))
            })?;
        serde_json::from_slice(&plain).map(Some).map_err(fault)
    }

    /// Keyed hash by which a word is found without being stored. `what` keeps the kinds of words apart.
    pub(crate) fn index(&self, what: &str, word: &str) -> Digest {
        // HMAC takes keys of any length.
        let mut mac =
            <Hmac<Sha256> as Mac>::new_from_slice(&self.index_key).expect("HMAC takes any key");
        mac.update(what.as_bytes());
        mac.update(&[0]);
        mac.update(word.as_bytes());
        Digest(mac.finalize().into_bytes().into())
    }
}

impl Sealer<'_> {
    /// Seals a value: algorithm byte, nonce, ciphertext.
    pub(crate) fn seal<T: Serialize>(&self, value: &T) -> Result<Sealed<T>> {
        let nonce: [u8; NONCE] = random::bytes(self.random);
        let plain = serde_json::to_vec(value).map_err(fault)?;
        let text = XChaCha20Poly1305::new(&self.key.into())
            .encrypt(
                XNonce::from_slice(&nonce),
                Payload {
                    msg: &plain,
                    aad: self.aggregate.as_bytes(),
                },
            )
            .map_err(fault)?;
        let mut bytes = Vec::with_capacity(1 + NONCE + text.len());
        bytes.push(XCHACHA20_POLY1305);
        bytes.extend_from_slice(&nonce);
        bytes.extend_from_slice(&text);
        Ok(Sealed::from_bytes(bytes))
    }
}

impl KeyWriter {
    /// Keeps new keys, durable when this returns. Only for things that do not exist yet: a key in use is never replaced by
    /// the caller, a key left over from a commit that never came is.
    pub(crate) fn put(&mut self, keys: &[(Uuid, Key)]) -> Result<()> {
        if keys.is_empty() {
            return Ok(());
        }
        let tx = self.0.transaction().map_err(fault)?;
        {
            let mut insert = tx
                .prepare_cached(
                    "INSERT OR REPLACE INTO key (aggregate, key, settled) VALUES (?1, ?2, 0)",
                )
                .map_err(fault)?;
            for (aggregate, key) in keys {
                insert
                    .execute(params![aggregate.as_bytes().as_slice(), key.as_slice()])
                    .map_err(fault)?;
            }
        }
        tx.commit().map_err(fault)
    }

    /// Aggregates whose existence nobody has confirmed yet, at most `limit`.
    pub(crate) fn unsettled(&self, limit: usize) -> Result<Vec<Uuid>> {
        let mut select = self
            .0
            .prepare_cached("SELECT aggregate FROM key WHERE settled = 0 LIMIT ?1")
            .map_err(fault)?;
        select
            .query_map([i64::try_from(limit).unwrap_or(i64::MAX)], |row| {
                row.get::<_, Vec<u8>>(0)
            })
            .map_err(fault)?
            .map(|id| {
                id.map_err(fault)
                    .and_then(|id| Uuid::from_slice(&id).map_err(fault))
            })
            .collect()
    }

    /// Settles the keys of things that exist and destroys those of things that do not.
    pub(crate) fn settle(&mut self, exist: &[Uuid], orphans: &[Uuid]) -> Result<()> {
        let tx = self.0.transaction().map_err(fault)?;
        for id in exist {
            tx.prepare_cached("UPDATE key SET settled = 1 WHERE aggregate = ?1")
                .and_then(|mut s| s.execute([id.as_bytes().as_slice()]))
                .map_err(fault)?;
        }
        for id in orphans {
            tx.prepare_cached("DELETE FROM key WHERE aggregate = ?1 AND settled = 0")
                .and_then(|mut s| s.execute([id.as_bytes().as_slice()]))
                .map_err(fault)?;
        }
        tx.commit().map_err(fault)
    }
}

fn connect(path: &Path) -> Result<Connection> {
    let conn = Connection::open(path).map_err(fault)?;
    conn.execute_batch(
        "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;",
    )
    .map_err(fault)?;
    Ok(conn)
}

/// The node's key for keyed hashes: made at the first start.
fn node_key(path: &PathBuf, random: &dyn Random) -> Result<Key> {
    if !path.exists() {
        make_private(path)?;
        std::fs::write(path, Digest(random::bytes(random)).hex()).map_err(fault)?;
        // The key has to survive what it hashes: its name and content are on the disk before anything uses it.
        std::fs::File::open(path)
            .and_then(|f| f.sync_all())
            .map_err(fault)?;
        if let Some(dir) = path.parent() {
            std::fs::File::open(dir)
                .and_then(|f| f.sync_all())
                .map_err(fault)?;
        }
    }
    refuse_public(path)?;
    let text = std::fs::read_to_string(path).map_err(fault)?;
    let digest: Digest =
        serde_json::from_value(serde_json::Value::String(text.trim().to_owned())).map_err(fault)?;
    Ok(digest.0)
}

/// Makes a file that only its owner can read, or makes the one that is there so.
fn make_private(path: &Path) -> Result<()> {
    let mut options = std::fs::File::options();
    options.create(true).append(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
        options.mode(0o600);
        let file = options.open(path).map_err(fault)?;
        file.set_permissions(std::fs::Permissions::from_mode(0o600))
            .map_err(fault)
    }
    #[cfg(not(unix))]
    options.open(path).map(drop).map_err(fault)
}

/// Refuses a key that others can read.
fn refuse_public(path: &Path) -> Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(path).map_err(fault)?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(EngineError::Vault(format!(
                "{} can be read by others: chmod 600 it",
                path.display()
            )));
        }
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::OsRandom;

    #[test]
    fn a_sealed_value_opens_only_with_its_key_and_in_its_place() {
        let dir = tempfile::tempdir().expect("folder");
        let (vault, mut keys) = Vault::open(dir.path(), Arc::new(OsRandom)).expect("vault");
        let (case, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let key = vault.fresh();
        keys.put(&[(case, key), (other, key)]).expect("durable");
        let sealed = vault
            .sealer_of(case)
            .expect("read")
            .expect("a key")
            .seal(&"桥边有烟".to_owned())
            .expect("sealed");
        assert_eq!(
            vault.open_sealed(case, &sealed).expect("opens").as_deref(),
            Some("桥边有烟")
        );
        assert!(
            vault.open_sealed(other, &sealed).is_err(),
            "the same key in another case does not open it"
        );
        let again = vault
            .sealer_of(case)
            .expect("read")
            .expect("a key")
            .seal(&"桥边有烟".to_owned())
            .expect("sealed");
        assert_ne!(sealed, again, "nonces are fresh");
        assert_eq!(
            vault
                .open_sealed(Uuid::from_u128(3), &sealed)
                .expect("no key"),
            None
        );
    }

    #[test]
    fn orphans_are_destroyed_and_others_stay() {
        let dir = tempfile::tempdir().expect("folder");
        let (vault, mut keys) = Vault::open(dir.path(), Arc::new(OsRandom)).expect("vault");
        let (kept, orphan) = (Uuid::from_u128(1), Uuid::from_u128(2));
        keys.put(&[(kept, vault.fresh()), (orphan, vault.fresh())])
            .expect("durable");
        let mut unsettled = keys.unsettled(10).expect("read");
        unsettled.sort();
        assert_eq!(unsettled, [kept, orphan]);
        keys.settle(&[kept], &[orphan]).expect("settled");
        assert!(keys.unsettled(10).expect("read").is_empty());
        assert!(vault.sealer_of(kept).expect("read").is_some());
        assert!(vault.sealer_of(orphan).expect("read").is_none());
    }

    #[test]
    fn hashes_of_parts_do_not_run_together() {
        assert_ne!(body_hash(&[b"ab", b"c"]), body_hash(&[b"a", b"bc"]));
        assert_eq!(body_hash(&[b"ab"]), body_hash(&[b"ab"]));
    }
}
