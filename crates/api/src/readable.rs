//! The API as a page to be read: server HTML made from the OpenAPI document, in Chinese or English, without script.
//!
//! Must not know an operation or a field: it shows what the document says, so it cannot say anything else.

use std::fmt::Write;
use std::sync::OnceLock;

use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION, VARY};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use crate::catalogue;
use crate::extract::Query;
use crate::language::Language;
use crate::problem::Problem;

/// `GET /api`
pub(crate) async fn page(headers: HeaderMap, mut query: Query) -> Result<Response, Problem> {
    static MADE: [OnceLock<String>; 2] = [OnceLock::new(), OnceLock::new()];
    let parse = |text: &str| match text {
        "zh" => Some(Language::Zh),
        "en" => Some(Language::En),
        _ => None,
    };
    let chosen = query.word("lang", parse, " zh 或 en", "zh or en");
    query.finish()?;
    let language = chosen.unwrap_or_else(|| Language::of(&headers));
    let made = match language {
        Language::Zh => &MADE[0],
        Language::En => &MADE[1],
    };
    let html = made.get_or_init(|| {
        let document = serde_json::to_value(crate::openapi()).unwrap_or_default();
        render(&document, language)
    });
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CACHE_CONTROL, "no-cache"),
        (VARY, "Accept-Language"),
    ];
    Ok((headers, html.as_str()).into_response())
}

/// `GET /api/style.css`
pub(crate) async fn style() -> Response {
    let headers = [
        (CONTENT_TYPE, "text/css; charset=utf-8"),
        (CACHE_CONTROL, "no-cache"),
    ];
    (headers, include_str!("readable.css")).into_response()
}

/// `GET /problems/{code}`: where the `type` of a problem leads.
pub(crate) async fn problem(
    code: Result<Path<String>, axum::extract::rejection::PathRejection>,
) -> Result<Response, Problem> {
    let known = code
        .ok()
        .and_then(|Path(code)| catalogue::ALL.iter().find(|kind| kind.code == code));
    let kind = known.ok_or_else(Problem::not_found)?;
    Ok((
        StatusCode::SEE_OTHER,
        [(LOCATION, format!("/api#problem-{}", kind.code))],
    )
        .into_response())
}

/// The page of `document`.
fn render(document: &Value, language: Language) -> String {
    let mut page = Page {
        html: String::with_capacity(200_000),
        language,
    };
    page.whole(document);
    page.html
}

struct Page {
    html: String,
    language: Language,
}

/// Text as HTML.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// One of the two languages of `中文 · English`; a text in one language stays whole.
fn one(text: &str, language: Language) -> &str {
    match text.split_once(" · ") {
        Some((zh, en)) => language.pick(zh, en),
        None => text,
    }
}

impl Page {
    fn put(&mut self, html: &str) {
        self.html.push_str(html);
    }

    fn line(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing into a string does not fail.
        let _ = self.html.write_fmt(text);
        self.html.push('\n');
    }

    fn say(&self, zh: &'static str, en: &'static str) -> &'static str {
        match self.language {
            Language::Zh => zh,
            Language::En => en,
        }
    }

    fn text(&self, value: &Value) -> String {
        escape(one(value.as_str().unwrap_or_default(), self.language))
    }

    fn whole(&mut self, document: &Value) {
        let title = self.say("经纬 · 接口说明", "Jingwei · the API");
        let other = self.say(
            "<a href=\"/api?lang=en\" lang=\"en\">English</a>",
            "<a href=\"/api?lang=zh\" lang=\"zh\">中文</a>",
        );
        let (tag, version) = (
            self.language.tag(),
            document["info"]["version"].as_str().unwrap_or_default(),
        );
        self.line(format_args!(
            "<!doctype html>\n<html lang=\"{tag}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
             <link rel=\"stylesheet\" href=\"/api/style.css\">\n</head>\n<body>\n\
             <header><h1>{title} <small>{version}</small></h1><p>{other} · <a href=\"/api/openapi.json\">OpenAPI</a></p></header>"
        ));
        let about = document["info"]["description"].as_str().unwrap_or_default();
        let (zh, en) = about.split_once("\n\n").unwrap_or((about, about));
        let about = escape(self.language.pick(zh, en));
        self.line(format_args!("<main>\n<p class=\"about\">{about}</p>"));
        self.contents(document);
        for group in document["tags"].as_array().into_iter().flatten() {
            self.group(group, document);
        }
        self.problems();
        self.schemas(document);
        self.put("</main>\n</body>\n</html>\n");
    }

    fn contents(&mut self, document: &Value) {
        let label = self.say("目录", "Contents");
        self.line(format_args!("<nav aria-label=\"{label}\"><ul>"));
        for group in document["tags"].as_array().into_iter().flatten() {
            let (name, text) = (
                escape(group["name"].as_str().unwrap_or_default()),
                self.text(&group["description"]),
            );
            self.line(format_args!("<li><a href=\"#{name}\">{text}</a></li>"));
        }
        let (problems, shapes) = (self.say("拒绝", "Problems"), self.say("数据结构", "Shapes"));
        self.line(format_args!("<li><a href=\"#problems\">{problems}</a></li><li><a href=\"#shapes\">{shapes}</a></li></ul></nav>"));
    }

    fn group(&mut self, group: &Value, document: &Value) {
        let name = group["name"].as_str().unwrap_or_default();
        let text = self.text(&group["description"]);
        self.line(format_args!(
            "<section id=\"{}\"><h2>{text}</h2>",
            escape(name)
        ));
        for (path, item) in document["paths"].as_object().into_iter().flatten() {
            for (method, operation) in item.as_object().into_iter().flatten() {
                if operation["tags"][0] == *name {
                    self.operation(method, path, operation);
                }
            }
        }
        self.put("</section>\n");
    }

    fn operation(&mut self, method: &str, path: &str, operation: &Value) {
        let id = escape(operation["operationId"].as_str().unwrap_or_default());
        let summary = self.text(&operation["summary"]);
        let (method, path) = (method.to_uppercase(), escape(path));
        self.line(format_args!(
            "<article id=\"{id}\"><h3><code><b>{method}</b> {path}</code></h3>\n<p class=\"summary\">{summary}</p>"
        ));
        if operation["description"].is_string() {
            let text = self.text(&operation["description"]);
            self.line(format_args!("<p>{text}</p>"));
        }
        let access = operation["x-access"].as_str().unwrap_or_default();
        let who = match access {
            "public" => self.say("任何人，不必登录", "anybody, without signing in"),
            "session" => self.say("登录的人", "whoever is signed in"),
            "scoped-thing" => self.say(
                "看得到此事的人；对别人来说它不存在",
                "whoever may see the thing; for others it does not exist",
            ),
            _ => self.say(
                "登录的人，只见自己范围内的",
                "whoever is signed in; it holds only their scope",
            ),
        };
        let label = self.say("谁可以", "Who may");
        let roles: Vec<_> = operation["x-roles"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let roles = if roles.is_empty() {
            String::new()
        } else {
            format!(" · {}", escape(&roles.join(", ")))
        };
        self.line(format_args!(
            "<p>{label}: {who} <code>{access}</code>{roles}</p>"
        ));
        self.parameters(operation);
        self.body(operation);
        self.answers(operation);
        self.put("</article>\n");
    }

    fn parameters(&mut self, operation: &Value) {
        let Some(parameters) = operation["parameters"].as_array().filter(|p| !p.is_empty()) else {
            return;
        };
        let (name, place, shape, what) = (
            self.say("参数", "Parameter"),
            self.say("位置", "In"),
            self.say("取值", "Values"),
            self.say("说明", "What"),
        );
        self.line(format_args!(
            "<table><tr><th>{name}</th><th>{place}</th><th>{shape}</th><th>{what}</th></tr>"
        ));
        for parameter in parameters {
            let must = if parameter["required"] == true {
                "<b>*</b>"
            } else {
                ""
            };
            let name = escape(parameter["name"].as_str().unwrap_or_default());
            let place = escape(parameter["in"].as_str().unwrap_or_default());
            let (shape, what) = (
                self.shape(&parameter["schema"]),
                self.text(&parameter["description"]),
            );
            self.line(format_args!("<tr><td><code>{name}</code>{must}</td><td>{place}</td><td>{shape}</td><td>{what}</td></tr>"));
        }
        self.put("</table>\n");
    }

    fn body(&mut self, operation: &Value) {
        let label = self.say("内容", "Body");
        for (kind, content) in operation["requestBody"]["content"]
            .as_object()
            .into_iter()
            .flatten()
        {
            let shape = self.shape(&content["schema"]);
            self.line(format_args!(
                "<p>{label}: <code>{}</code> {shape}</p>",
                escape(kind)
            ));
        }
    }

    fn answers(&mut self, operation: &Value) {
        let label = self.say("答复", "Answers");
        self.line(format_args!(
            "<table><tr><th colspan=\"3\">{label}</th></tr>"
        ));
        for (status, answer) in operation["responses"].as_object().into_iter().flatten() {
            let text: Vec<_> = answer["description"]
                .as_str()
                .unwrap_or_default()
                .split("; ")
                .map(|part| match part.split_once(": ") {
                    Some((code, titles)) => {
                        format!("{}: {}", escape(code), escape(one(titles, self.language)))
                    }
                    None => escape(one(part, self.language)),
                })
                .collect();
            let shapes: Vec<_> = answer["content"]
                .as_object()
                .into_iter()
                .flatten()
                .map(|(kind, content)| {
                    format!(
                        "<code>{}</code> {}",
                        escape(kind),
                        self.shape(&content["schema"])
                    )
                })
                .collect();
            self.line(format_args!(
                "<tr><td><code>{}</code></td><td>{}</td><td>{}</td></tr>",
                escape(status),
                text.join("; "),
                shapes.join("<br>")
            ));
        }
        self.put("</table>\n");
    }

    fn problems(&mut self) {
        let title = self.say("拒绝", "Problems");
        let (code, status, what) = (
            self.say("代码", "Code"),
            self.say("状态", "Status"),
            self.say("意思", "Meaning"),
        );
        self.line(format_args!(
            "<section id=\"problems\"><h2>{title}</h2>\n<table><tr><th>{code}</th><th>{status}</th><th>{what}</th></tr>"
        ));
        for kind in catalogue::ALL {
            let (code, status, title) = (
                kind.code,
                kind.status,
                escape(self.language.pick(kind.zh, kind.en)),
            );
            self.line(format_args!("<tr id=\"problem-{code}\"><td><code>{code}</code></td><td>{status}</td><td>{title}</td></tr>"));
        }
        self.put("</table></section>\n");
    }

    fn schemas(&mut self, document: &Value) {
        let title = self.say("数据结构", "Shapes");
        self.line(format_args!("<section id=\"shapes\"><h2>{title}</h2>"));
        for (name, schema) in document["components"]["schemas"]
            .as_object()
            .into_iter()
            .flatten()
        {
            let name = escape(name);
            let what = self.text(&schema["description"]);
            self.line(format_args!(
                "<article id=\"shape-{name}\"><h3><code>{name}</code></h3>\n<p>{what}</p>"
            ));
            let parts = match schema["allOf"].as_array() {
                Some(parts) => parts.iter().collect(),
                None => vec![schema],
            };
            for part in parts {
                self.fields(part);
            }
            self.put("</article>\n");
        }
        self.put("</section>\n");
    }

    fn fields(&mut self, schema: &Value) {
        let Some(fields) = schema["properties"].as_object() else {
            let shape = self.shape(schema);
            self.line(format_args!("<p>{shape}</p>"));
            return;
        };
        let required: Vec<_> = schema["required"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let (name, shape, what) = (
            self.say("字段", "Field"),
            self.say("取值", "Values"),
            self.say("说明", "What"),
        );
        self.line(format_args!(
            "<table><tr><th>{name}</th><th>{shape}</th><th>{what}</th></tr>"
        ));
        for (field, schema) in fields {
            let must = if required.contains(&field.as_str()) {
                "<b>*</b>"
            } else {
                ""
            };
            let (shape, what) = (self.shape(schema), self.text(&schema["description"]));
            self.line(format_args!(
                "<tr><td><code>{}</code>{must}</td><td>{shape}</td><td>{what}</td></tr>",
                escape(field)
            ));
        }
        self.put("</table>\n");
    }

    /// A schema in short: its type with its limits, or a link to its shape.
    fn shape(&self, schema: &Value) -> String {
        if let Some(name) = schema["$ref"].as_str().and_then(|r| r.rsplit('/').next()) {
            let name = escape(name);
            return format!("<a href=\"#shape-{name}\">{name}</a>");
        }
        for several in ["oneOf", "allOf", "anyOf"] {
            if let Some(options) = schema[several].as_array() {
                return options
                    .iter()
                    .map(|option| self.shape(option))
                    .collect::<Vec<_>>()
                    .join(" | ");
            }
        }
        if let Some(words) = schema["enum"].as_array() {
            let words = words
                .iter()
                .filter_map(Value::as_str)
                .map(|word| format!("<code>{}</code>", escape(word)));
            return words.collect::<Vec<_>>().join(" ");
        }
        let mut text = match &schema["type"] {
            Value::String(kind) => escape(kind),
            Value::Array(kinds) => kinds
                .iter()
                .filter_map(Value::as_str)
                .map(escape)
                .collect::<Vec<_>>()
                .join(" | "),
            _ => self.say("任意", "any").to_owned(),
        };
        if schema["items"].is_object() {
            let _ = write!(text, " [{}]", self.shape(&schema["items"]));
        }
        if schema["additionalProperties"].is_object() {
            let _ = write!(
                text,
                " {{… {}}}",
                self.shape(&schema["additionalProperties"])
            );
        }
        for (key, sign) in [
            ("format", ""),
            ("pattern", ""),
            ("minimum", "≥ "),
            ("maximum", "≤ "),
            ("minLength", "≥ "),
            ("maxLength", "≤ "),
            ("maxItems", "≤ "),
        ] {
            let unit = match key {
                "minLength" | "maxLength" => self.say(" 字", " characters"),
                "maxItems" => self.say(" 项", " items"),
                _ => "",
            };
            match &schema[key] {
                Value::String(value) => {
                    let _ = write!(text, ", {sign}<code>{}</code>", escape(value));
                }
                Value::Number(value) => {
                    let _ = write!(text, ", {sign}{value}{unit}");
                }
                _ => {}
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_every_operation_shape_and_problem_in_both_languages() {
        let document = serde_json::to_value(crate::openapi()).expect("JSON");
        for language in [Language::Zh, Language::En] {
            let html = render(&document, language);
            let mut count = 0;
            for (path, item) in document["paths"].as_object().expect("paths") {
                for (method, operation) in item.as_object().expect("an item") {
                    let heading = format!("<code><b>{}</b> {path}</code>", method.to_uppercase());
                    assert!(html.contains(&heading), "{heading}");
                    let summary = operation["summary"].as_str().expect("a summary");
                    assert!(html.contains(&escape(one(summary, language))), "{summary}");
                    count += 1;
                }
            }
            assert!(count >= 38, "{count}");
            for name in document["components"]["schemas"]
                .as_object()
                .expect("schemas")
                .keys()
            {
                assert!(html.contains(&format!("id=\"shape-{name}\"")), "{name}");
            }
            for kind in catalogue::ALL {
                assert!(
                    html.contains(&format!("id=\"problem-{}\"", kind.code)),
                    "{}",
                    kind.code
                );
            }
            assert!(
                !html.contains("<script") && !html.contains("style="),
                "nothing inline"
            );
        }
    }

    #[test]
    fn text_is_escaped() {
        assert_eq!(escape("<b a=\"1\">&"), "&lt;b a=&quot;1&quot;&gt;&amp;");
        assert_eq!(one("中文 · English", Language::En), "English");
        assert_eq!(one("English", Language::Zh), "English");
    }
}
