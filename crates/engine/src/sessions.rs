//! Signing in and out. Passwords are argon2id (RFC 9106); a token is 256 random bits of which only the hash is stored.
//!
//! A wrong account and a wrong password get the same answer after the same work. Tries are counted by account and by
//! address; the count is in memory and starts anew with the process.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use argon2::password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jingwei_core::access::Principal;
use jingwei_core::id::PersonId;
use jingwei_core::time::Timestamp;
use jingwei_store::sessions::{self as store, CredentialRow, SessionRow};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::cases::view::{Ref, UnitRef};
use crate::error::{EngineError, Result};
use crate::node::Node;
use crate::random;
use crate::vault::body_hash;

/// How long a session lasts after its last use.
const IDLE_MS: i64 = 12 * 3_600_000;
/// How often its last use is written down.
const TOUCH_MS: i64 = 10 * 60_000;
/// Tries for one account from one address within the window before one has to wait; twenty times as many for the account
/// from everywhere, and for the address.
const TRIES: u32 = 10;
/// The window.
const WINDOW_MS: i64 = 5 * 60_000;
/// Least characters of a password.
pub const LEAST_PASSWORD: usize = 10;

/// A session with what its person holds now.
#[derive(Debug, Clone)]
pub struct Session {
    /// The person.
    pub person: PersonId,
    /// Token that unsafe requests of the page carry.
    pub csrf: String,
    /// When it ends if not used.
    pub expires_at: Timestamp,
    /// What the person may do.
    pub principal: Principal,
}

/// A new session.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The secret of the session; shown once.
    pub token: String,
    /// The session.
    pub session: Session,
}

/// A role a person holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RoleView {
    /// Role.
    pub role: String,
    /// Chinese.
    pub role_zh: String,
    /// English.
    pub role_en: String,
    /// At which unit.
    pub unit: UnitRef,
    /// In which division.
    pub division: Ref,
}

/// The person signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Me {
    /// The person.
    pub person: Uuid,
    /// Their name.
    pub name: String,
    /// Their account.
    pub account: String,
    /// Token that unsafe requests of the page carry.
    pub csrf: String,
    /// When the session ends if not used.
    pub expires_at: String,
    /// What they hold.
    pub roles: Vec<RoleView>,
}

/// Counts tries by what makes them.
#[derive(Default)]
pub(crate) struct Tries(Mutex<HashMap<String, (Timestamp, u32)>>);

impl Tries {
    /// Counts one try; the error says how many seconds to wait.
    pub(crate) fn count(&self, who: &str, now: Timestamp, most: u32) -> Result<()> {
        let mut tries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if tries.len() > 100_000 {
            tries.retain(|_, (since, _)| now.0 - since.0 < WINDOW_MS);
        }
        let (since, count) = tries.entry(who.to_owned()).or_insert((now, 0));
        if now.0 - since.0 >= WINDOW_MS {
            (*since, *count) = (now, 0);
        }
        if *count >= most {
            let left = (WINDOW_MS - (now.0 - since.0)) / 1_000 + 1;
            return Err(EngineError::TooMany(u32::try_from(left).unwrap_or(60)));
        }
        *count += 1;
        Ok(())
    }

    pub(crate) fn forget(&self, who: &str) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(who);
    }
}

/// argon2id with 19 MiB, 2 passes, 1 lane: the first choice of RFC 9106's low-memory profile as OWASP gives it.
fn hasher() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::default())
}

/// A hash that no password has: verifying against it takes as long as against a real one.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$amluZ3dlaS1ub2JvZHk$YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXoxMjM0NTY";

fn hash_of_token(token: &str) -> Vec<u8> {
    body_hash(&[b"session", token.as_bytes()]).to_vec()
}

impl Node {
    /// Signs a person in. `from` is the address that asks.
    pub async fn sign_in(&self, account: &str, password: &str, from: IpAddr) -> Result<SignedIn> {
        let now = self.now();
        let index = self.shared.vault.index("account", account);
        // A stranger who guesses locks out the place they guess from, and the account itself only much later.
        let by_account = format!("account {}", index.hex());
        let by_both = format!("{by_account} from {from}");
        self.tries
            .count(&format!("address {from}"), now, TRIES * 20)?;
        self.tries.count(&by_account, now, TRIES * 20)?;
        self.tries.count(&by_both, now, TRIES)?;
        let person = self.shared.world().accounts.get(&index).copied();
        let credential = match person {
            Some(person) => {
                self.read(move |tx| Ok(store::credential(tx, person.0)?))
                    .await?
            }
            None => None,
        };
        let hash = credential.map_or_else(|| NOBODY.to_owned(), |c| c.hash);
        let (password, permit) = (password.to_owned(), self.hashing.acquire().await);
        let matches = tokio::task::spawn_blocking(move || {
            PasswordHash::new(&hash)
                .is_ok_and(|hash| hasher().verify_password(password.as_bytes(), &hash).is_ok())
        })
        .await
        .unwrap_or(false);
        drop(permit);
        let person = person
            .filter(|_| matches)
            .ok_or(EngineError::SignInRefused)?;
        let principal = self
            .shared
            .world()
            .principal(person)
            .ok_or(EngineError::SignInRefused)?;
        self.tries.forget(&by_account);
        self.tries.forget(&by_both);
        let secret =
            |random: &dyn random::Random| URL_SAFE_NO_PAD.encode(random::bytes::<32>(random));
        let token = secret(self.shared.random.as_ref());
        let csrf = secret(self.shared.random.as_ref());
        let expires_at = now.plus_ms(IDLE_MS);
        let row = SessionRow {
            id: hash_of_token(&token),
            person: person.0,
            csrf: csrf.clone().into_bytes(),
            created_at: now.0,
            seen_at: now.0,
            expires_at: expires_at.0,
        };
        self.queue
            .job(move |writer| {
                writer.transact(|tx, _| {
                    store::sweep(tx, now.0)?;
                    Ok(store::insert(tx, row)?)
                })
            })
            .await?;
        Ok(SignedIn {
            token,
            session: Session {
                person,
                csrf,
                expires_at,
                principal,
            },
        })
    }

    /// The session of a token.
    pub async fn session(&self, token: &str) -> Result<Session> {
        if token.len() > 100 {
            return Err(EngineError::Unauthenticated);
        }
        let now = self.now();
        let id = hash_of_token(token);
        let found = self.read({
            let id = id.clone();
            move |tx| Ok(store::find(tx, &id)?)
        });
        let row = found
            .await?
            .filter(|row| row.expires_at > now.0)
            .ok_or(EngineError::Unauthenticated)?;
        let person = PersonId(row.person);
        let principal = self
            .shared
            .world()
            .principal(person)
            .ok_or(EngineError::Unauthenticated)?;
        let mut expires_at = Timestamp(row.expires_at);
        if now.0 - row.seen_at >= TOUCH_MS {
            expires_at = now.plus_ms(IDLE_MS);
            // Nobody waits for it: reading goes on when writing does not.
            let queue = self.queue.clone();
            tokio::spawn(async move {
                let touched = queue
                    .job(move |writer| {
                        writer.transact(|tx, _| Ok(store::touch(tx, &id, now.0, expires_at.0)?))
                    })
                    .await;
                if let Err(error) = touched {
                    tracing::warn!(
                        code = error.code(),
                        "the last use of a session was not written down"
                    );
                }
            });
        }
        let csrf = String::from_utf8(row.csrf).map_err(|_| EngineError::Unauthenticated)?;
        Ok(Session {
            person,
            csrf,
            expires_at,
            principal,
        })
    }

    /// Ends the session of a token.
    pub async fn sign_out(&self, token: &str) -> Result<()> {
        let id = hash_of_token(token);
        self.queue
            .job(move |writer| writer.transact(|tx, _| Ok(store::delete(tx, &id)?)))
            .await
            .map(drop)
    }

    /// Sets a person's password, ends their sessions and writes that into the journal. Errors: [`EngineError::SignInRefused`] when there is no such
    /// account, [`EngineError::Refused`] when the password is too short.
    pub async fn set_password(&self, account: &str, password: &str) -> Result<()> {
        if password.chars().count() < LEAST_PASSWORD {
            return Err(jingwei_core::refusal::Refusal::Invalid(vec![
                jingwei_core::refusal::FieldFault::new(
                    "/password",
                    "too_short",
                    format!("密码至少 {LEAST_PASSWORD} 个字符"),
                    format!("a password has at least {LEAST_PASSWORD} characters"),
                ),
            ])
            .into());
        }
        let index = self.shared.vault.index("account", account);
        let person = self
            .shared
            .world()
            .accounts
            .get(&index)
            .copied()
            .ok_or(EngineError::SignInRefused)?;
        let salt = SaltString::encode_b64(&random::bytes::<16>(self.shared.random.as_ref()))
            .map_err(|e| EngineError::Internal(e.to_string()))?;
        let password = password.to_owned();
        let hash = tokio::task::spawn_blocking(move || {
            hasher()
                .hash_password(password.as_bytes(), &salt)
                .map(|hash| hash.to_string())
        })
        .await
        .map_err(|e| EngineError::Internal(e.to_string()))?
        .map_err(|e| EngineError::Internal(e.to_string()))?;
        let correlation = self.fresh_id();
        let row = CredentialRow {
            person: person.0,
            hash,
            set_at: self.now().0,
        };
        self.queue
            .job(move |writer| crate::directory::write_password(writer, row, correlation))
            .await
    }

    /// The person of a session, in words.
    pub fn me(&self, session: &Session) -> Result<Me> {
        let world = self.shared.world();
        let row = world
            .people
            .get(&session.person)
            .ok_or(EngineError::Unauthenticated)?;
        let open = |sealed| {
            self.shared
                .vault
                .open_sealed::<String>(row.id.0, sealed)
                .map(Option::unwrap_or_default)
        };
        let roles = session
            .principal
            .posts()
            .iter()
            .map(|post| {
                let entry = world.rules.role_acts.role(post.role);
                RoleView {
                    role: post.role.as_str().to_owned(),
                    role_zh: entry.map(|e| e.name_zh.clone()).unwrap_or_default(),
                    role_en: entry.map(|e| e.name_en.clone()).unwrap_or_default(),
                    unit: world.unit_ref(post.unit, None),
                    division: world.division_ref(&post.division),
                }
            })
            .collect();
        Ok(Me {
            person: row.id.0,
            name: open(&row.name)?,
            account: open(&row.account)?,
            csrf: session.csrf.clone(),
            expires_at: session.expires_at.rfc3339(),
            roles,
        })
    }
}
