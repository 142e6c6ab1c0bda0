//! One operation of the API: its place in the router and its place in the document, said once.
//!
//! Must not handle a request. Keeps: whatever is routed is documented, with summary in both languages, access, shapes of
//! body and answers, and the problems it may give.

use axum::Router;
use axum::handler::Handler;
use axum::routing::{self, MethodRouter};
use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::path::{
    HttpMethod, Operation as Documented, OperationBuilder, Parameter, ParameterBuilder, ParameterIn,
};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::openapi::{
    ContentBuilder, Ref, RefOr, Required, Response, ResponseBuilder, SecurityRequirement,
};
use utoipa::{PartialSchema, ToSchema};

use crate::catalogue;
use crate::extract::{DEVICE, DEVICE_AT};
use crate::problem::ProblemBody;
use crate::state::ApiState;

/// Who may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Anybody.
    Public,
    /// Whoever is signed in; the operation may ask for a role on top.
    Session,
    /// Whoever may see the thing; for others it does not exist.
    ScopedThing,
    /// Whoever is signed in; it holds only what lies in their scope.
    ScopedList,
}

impl Access {
    /// The word of `x-access`.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Session => "session",
            Self::ScopedThing => "scoped-thing",
            Self::ScopedList => "scoped-list",
        }
    }
}

/// Types of content that a map file may be sent as.
pub(crate) const MAP_TYPES: [&str; 8] = [
    "application/geo+json",
    "application/json",
    "text/csv",
    "application/zip",
    "application/geopackage+sqlite3",
    "application/vnd.google-earth.kml+xml",
    "application/vnd.google-earth.kmz",
    "application/octet-stream",
];

/// Schemas that an operation refers to.
pub(crate) type Schemas = Vec<(String, RefOr<Schema>)>;

/// One operation.
pub(crate) struct Operation {
    /// Method.
    pub(crate) method: HttpMethod,
    /// Pattern of the path, the same for router and document.
    pub(crate) path: &'static str,
    /// Handler.
    pub(crate) handler: MethodRouter<ApiState>,
    /// Schemas it refers to.
    pub(crate) schemas: Schemas,
    /// Most bytes of a body, where it may be larger than others.
    pub(crate) most_body: Option<usize>,
    access: Access,
    id: &'static str,
    tag: &'static str,
    summary: &'static str,
    about: Option<&'static str>,
    roles: Vec<&'static str>,
    parameters: Vec<Parameter>,
    body: Option<RequestBody>,
    answers: Vec<(u16, Response)>,
    problems: Vec<u16>,
}

impl Operation {
    fn new(
        method: HttpMethod,
        path: &'static str,
        id: &'static str,
        handler: MethodRouter<ApiState>,
    ) -> Self {
        let mut schemas = Schemas::new();
        collect::<ProblemBody>(&mut schemas);
        Self {
            method,
            path,
            handler,
            schemas,
            most_body: None,
            access: Access::Session,
            id,
            tag: "",
            summary: "",
            about: None,
            roles: Vec::new(),
            parameters: Vec::new(),
            body: None,
            answers: Vec::new(),
            problems: vec![503],
        }
    }

    /// A read.
    pub(crate) fn get<H: Handler<T, ApiState>, T: 'static>(
        path: &'static str,
        id: &'static str,
        handler: H,
    ) -> Self {
        Self::new(HttpMethod::Get, path, id, routing::get(handler))
    }

    /// A change.
    pub(crate) fn post<H: Handler<T, ApiState>, T: 'static>(
        path: &'static str,
        id: &'static str,
        handler: H,
    ) -> Self {
        Self::new(HttpMethod::Post, path, id, routing::post(handler))
    }

    /// A removal.
    pub(crate) fn delete<H: Handler<T, ApiState>, T: 'static>(
        path: &'static str,
        id: &'static str,
        handler: H,
    ) -> Self {
        Self::new(HttpMethod::Delete, path, id, routing::delete(handler))
    }

    /// Group, access and summary (`中文 · English`).
    pub(crate) fn told(mut self, tag: &'static str, access: Access, summary: &'static str) -> Self {
        (self.tag, self.access, self.summary) = (tag, access, summary);
        match access {
            // Who is not known is counted by address.
            Access::Public => self.problems.push(429),
            Access::Session | Access::ScopedList => self.problems.push(401),
            Access::ScopedThing => self.problems.extend([401, 404]),
        }
        if access != Access::Public && self.method != HttpMethod::Get {
            self.problems.push(403);
        }
        self
    }

    /// More about it (`中文 · English`).
    pub(crate) fn about(mut self, text: &'static str) -> Self {
        self.about = Some(text);
        self
    }

    /// The roles without which it is refused; `x-roles` in the document.
    pub(crate) fn roles(mut self, roles: &[&'static str]) -> Self {
        self.roles.extend(roles);
        self
    }

    /// Further problems it may give.
    pub(crate) fn problems(mut self, statuses: &[u16]) -> Self {
        self.problems.extend(statuses);
        self
    }

    fn parameter(
        mut self,
        name: &str,
        place: ParameterIn,
        required: bool,
        text: &str,
        schema: ObjectBuilder,
    ) -> Self {
        let schema: Schema = schema.build().into();
        let required = if required {
            Required::True
        } else {
            Required::False
        };
        self.parameters.push(
            ParameterBuilder::new()
                .name(name)
                .parameter_in(place)
                .required(required)
                .description(Some(text))
                .schema(Some(schema))
                .build(),
        );
        self
    }

    /// An id in the path.
    pub(crate) fn id(self, name: &str, text: &str) -> Self {
        let uuid = text_schema().format(Some(SchemaFormat::Custom("uuid".to_owned())));
        self.parameter(name, ParameterIn::Path, true, text, uuid)
    }

    /// Faults of the query are 400 here, as the standard of these addresses has it.
    pub(crate) fn by_standard(mut self) -> Self {
        self.problems.retain(|status| *status != 422);
        self.problems(&[400])
    }

    /// A word in the path.
    pub(crate) fn word(self, name: &str, text: &str, pattern: &str) -> Self {
        self.parameter(
            name,
            ParameterIn::Path,
            true,
            text,
            text_schema().pattern(Some(pattern)),
        )
    }

    /// One of the `words` in the path.
    pub(crate) fn choice(self, name: &str, text: &str, words: &[&'static str]) -> Self {
        let words = text_schema().enum_values(Some(words.iter().copied()));
        self.parameter(name, ParameterIn::Path, true, text, words)
    }

    /// A text in the query.
    pub(crate) fn query(self, name: &str, text: &str, required: bool) -> Self {
        self.parameter(
            name,
            ParameterIn::Query,
            required,
            text,
            text_schema().max_length(Some(300)),
        )
        .bounded()
    }

    /// One of the `words` in the query.
    pub(crate) fn query_choice(self, name: &str, text: &str, words: &[&'static str]) -> Self {
        let words = text_schema().enum_values(Some(words.iter().copied()));
        self.parameter(name, ParameterIn::Query, false, text, words)
            .bounded()
    }

    /// A whole number in the query.
    pub(crate) fn query_number(self, name: &str, text: &str, least: i64, most: i64) -> Self {
        let number = ObjectBuilder::new()
            .schema_type(Type::Integer)
            .format(Some(SchemaFormat::Custom("int64".to_owned())))
            .minimum(Some(number(least)))
            .maximum(Some(number(most)));
        self.parameter(name, ParameterIn::Query, false, text, number)
            .bounded()
    }

    /// `true` or `false` in the query.
    pub(crate) fn query_flag(self, name: &str, text: &str) -> Self {
        self.parameter(
            name,
            ParameterIn::Query,
            false,
            text,
            ObjectBuilder::new().schema_type(Type::Boolean),
        )
        .bounded()
    }

    fn bounded(mut self) -> Self {
        self.problems.push(422);
        self
    }

    fn header(self, name: &str, text: &str, schema: ObjectBuilder) -> Self {
        self.parameter(name, ParameterIn::Header, false, text, schema)
    }

    /// A JSON body that is a command: takes an idempotency key and answers conflicts.
    pub(crate) fn command<T: ToSchema>(self, required: bool) -> Self {
        let key = text_schema().min_length(Some(1)).max_length(Some(64));
        self.body::<T>(required)
            .header(
                "Idempotency-Key",
                "同一个键加同样的内容只办一次 · The same key with the same content is carried out once; 1 to 64 printable ASCII characters",
                key,
            )
            .problems(&[409])
    }

    /// An act that may say on which phone it was done, and when by that phone's clock.
    pub(crate) fn by_device(self) -> Self {
        let kind = |name: &str| Some(SchemaFormat::Custom(name.to_owned()));
        self.header(
            DEVICE,
            "设备编号 · Id of the device",
            text_schema().format(kind("uuid")),
        )
        .header(
            DEVICE_AT,
            "设备上的办理时间，离线补发时与收到时间不同；上报时以内容里的为准 · When it was done by the clock of the device, which differs \
             from when it arrives after time without signal; of a report the fields of the body count first",
            text_schema().format(kind("date-time")),
        )
    }

    /// A JSON body.
    pub(crate) fn body<T: ToSchema>(mut self, required: bool) -> Self {
        collect::<T>(&mut self.schemas);
        let content = ContentBuilder::new()
            .schema(Some(Ref::from_schema_name(T::name())))
            .build();
        self.body = Some(
            RequestBodyBuilder::new()
                .content("application/json", content)
                .required(Some(if required {
                    Required::True
                } else {
                    Required::False
                }))
                .build(),
        );
        self.problems(&[400, 413, 415, 422])
    }

    /// Takes a body of up to so many bytes.
    pub(crate) fn large(mut self, bytes: usize) -> Self {
        self.most_body = Some(bytes);
        self
    }

    /// A map file as the body, of up to so many bytes.
    pub(crate) fn map_file(self, bytes: usize) -> Self {
        let key = text_schema().min_length(Some(1)).max_length(Some(64));
        let file: Schema = text_schema()
            .format(Some(SchemaFormat::Custom("binary".to_owned())))
            .build()
            .into();
        let body = MAP_TYPES
            .iter()
            .fold(RequestBodyBuilder::new(), |body, kind| {
                let content = ContentBuilder::new().schema(Some(file.clone())).build();
                body.content(*kind, content)
            });
        let mut this = self
            .header(
                "Idempotency-Key",
                "同一个键加同样的内容只办一次 · The same key with the same content is carried out once; 1 to 64 printable ASCII characters",
                key,
            )
            .problems(&[400, 409, 413, 415, 422])
            .large(bytes);
        this.body = Some(body.required(Some(Required::True)).build());
        this
    }

    /// Tables as the body: one CSV file, or several in the JSON body `T`.
    pub(crate) fn tables<T: ToSchema>(mut self) -> Self {
        self = self.command::<T>(true);
        if let Some(body) = self.body.take() {
            let csv: Schema = text_schema().build().into();
            let csv = ContentBuilder::new().schema(Some(csv)).build();
            self.body = Some(
                RequestBodyBuilder::from(body)
                    .content("text/csv", csv)
                    .build(),
            );
        }
        self
    }

    /// A read that waits for a journal sequence when asked to.
    pub(crate) fn fresh(self) -> Self {
        let number = ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(number(0)));
        self.header(
            "Jingwei-At-Least",
            "至少反映到这个日志序号 · Reflect at least this journal sequence",
            number,
        )
        .bounded()
    }

    /// A read with a tag: answers 304 to who has it already.
    pub(crate) fn tagged(self) -> Self {
        self.fresh()
            .header(
                "If-None-Match",
                "已有答复的 ETag · ETag of the answer held",
                text_schema(),
            )
            .plain(304, "与已有的相同 · The same as held")
    }

    /// An answer in JSON.
    pub(crate) fn answers<T: ToSchema>(self, status: u16, text: &str) -> Self {
        self.answers_as::<T>(status, text, "application/json")
    }

    /// An answer in a kind of JSON with a name of its own.
    pub(crate) fn answers_as<T: ToSchema>(mut self, status: u16, text: &str, kind: &str) -> Self {
        collect::<T>(&mut self.schemas);
        let content = ContentBuilder::new()
            .schema(Some(Ref::from_schema_name(T::name())))
            .build();
        let response = ResponseBuilder::new()
            .description(text)
            .content(kind, content)
            .build();
        self.answers.push((status, response));
        self
    }

    /// An answer without content.
    pub(crate) fn plain(mut self, status: u16, text: &str) -> Self {
        self.answers
            .push((status, ResponseBuilder::new().description(text).build()));
        self
    }

    /// An answer that is a file of one of these types of content.
    pub(crate) fn file_of(mut self, status: u16, text: &str, kinds: &[&str]) -> Self {
        let response = kinds.iter().fold(
            ResponseBuilder::new().description(text),
            |response, kind| {
                let schema: Schema = if kind.ends_with("json") {
                    ObjectBuilder::new().build().into()
                } else {
                    text_schema().build().into()
                };
                let content = ContentBuilder::new().schema(Some(schema)).build();
                response.content(*kind, content)
            },
        );
        self.answers.push((status, response.build()));
        self
    }

    /// An answer of another type of content.
    pub(crate) fn other(mut self, status: u16, text: &str, kind: &str) -> Self {
        let schema: Schema = match kind {
            "application/json" => ObjectBuilder::new().build().into(),
            _ => text_schema().build().into(),
        };
        let content = ContentBuilder::new().schema(Some(schema)).build();
        self.answers.push((
            status,
            ResponseBuilder::new()
                .description(text)
                .content(kind, content)
                .build(),
        ));
        self
    }

    /// Puts it into the router.
    pub(crate) fn route(self, router: Router<ApiState>) -> Router<ApiState> {
        router.route(self.path, self.handler)
    }

    /// What the document says of it.
    pub(crate) fn document(&self) -> Documented {
        let mut said = OperationBuilder::new()
            .tag(self.tag)
            .operation_id(Some(self.id))
            .summary(Some(self.summary))
            .description(self.about)
            .request_body(self.body.clone())
            .extensions(Some(self.extensions()));
        for parameter in &self.parameters {
            said = said.parameter(parameter.clone());
        }
        for (status, response) in &self.answers {
            said = said.response(status.to_string(), response.clone());
        }
        for kind in catalogue::ALL {
            let same: Vec<_> = catalogue::ALL
                .iter()
                .filter(|other| other.status == kind.status)
                .collect();
            let first = same.first().is_some_and(|first| first.code == kind.code);
            let taken = self
                .answers
                .iter()
                .any(|(status, _)| *status == kind.status);
            if first && !taken && self.problems.contains(&kind.status) {
                let titles: Vec<_> = same
                    .iter()
                    .map(|k| format!("{}: {} · {}", k.code, k.zh, k.en))
                    .collect();
                said = said.response(kind.status.to_string(), problem(&titles.join("; ")));
            }
        }
        said = said.response("default", problem("其他问题 · Any other problem"));
        if self.access == Access::Public {
            said.build()
        } else {
            said.security(SecurityRequirement::new::<_, [&str; 0], &str>("bearer", []))
                .security(SecurityRequirement::new::<_, [&str; 0], &str>("cookie", []))
                .build()
        }
    }

    fn extensions(&self) -> Extensions {
        let mut extensions = Extensions::default();
        extensions.insert("x-access".to_owned(), self.access.as_str().into());
        if let Some(most) = self.most_body {
            extensions.insert("x-most-bytes".to_owned(), most.into());
        }
        if !self.roles.is_empty() {
            extensions.insert("x-roles".to_owned(), self.roles.clone().into());
        }
        extensions
    }
}

fn problem(text: &str) -> Response {
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name(ProblemBody::name())))
        .build();
    ResponseBuilder::new()
        .description(text)
        .content("application/problem+json", content)
        .build()
}

fn text_schema() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

fn number(value: i64) -> utoipa::Number {
    utoipa::Number::Int(isize::try_from(value).unwrap_or(isize::MAX))
}

fn collect<T: ToSchema>(schemas: &mut Schemas) {
    schemas.push((T::name().into_owned(), <T as PartialSchema>::schema()));
    T::schemas(schemas);
}
