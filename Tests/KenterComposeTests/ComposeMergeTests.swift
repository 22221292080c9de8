import JSONRPC
import KenterProtocol
import Testing

@testable import KenterCompose

/// Several files as one, by the rules of https://docs.docker.com/reference/compose-file/merge/.
@Suite struct ComposeMergeTests {
    private static func context(_ count: Int, _ variables: [String: String] = [:]) -> ComposeContext {
        ComposeContext(
            environment: ComposeEnvironment { variables[$0] }, directory: "/w",
            files: (0..<count).map { "/w/\($0).yaml" }, readFile: { _ in nil })
    }

    private static func merged(_ texts: [String], _ variables: [String: String] = [:]) throws -> JSONValue {
        let documents = try texts.map { try JSONScanner.scan(Array($0.utf8)) }
        return .object(try ComposeFile.merged(documents, context(documents.count, variables)).document)
    }

    /// What becomes of one member of a service when a later file has it, too.
    struct Case: Sendable, CustomStringConvertible {
        let description: String
        let expected: String

        init(_ base: String, _ later: String, _ expected: String) {
            description = "\(base) + \(later)"
            self.expected = expected
        }

        func merged(_ suite: ([String]) throws -> JSONValue) throws -> JSONValue? {
            let texts = description.split(separator: " + ").map { #"{"services": {"web": {"image": "i", \#($0)}}}"# }
            var service = try suite(texts).object?["services"]?.object?["web"]?.object
            service?["image"] = nil
            return service.map { .object($0) }
        }
    }

    static let values = [
        Case(#""hostname": "a""#, #""hostname": "b", "user": "1""#, #"{"hostname": "b", "user": "1"}"#),
        Case(#""hostname": "a""#, #""hostname": null"#, #"{"hostname": "a"}"#),
        Case(#""command": ["a", "b"]"#, #""command": "c""#, #"{"command": "c"}"#),
        Case(#""entrypoint": "a""#, #""entrypoint": ["b"]"#, #"{"entrypoint": ["b"]}"#),
        Case(#""build": {"context": "."}"#, #""build": "x""#, #"{"build": "x"}"#),
        Case(
            #""healthcheck": {"test": ["CMD", "a"], "retries": "3"}"#, #""healthcheck": {"test": "b"}"#,
            #"{"healthcheck": {"test": "b", "retries": "3"}}"#),
        Case(#""x-a": {"b": "1"}"#, #""x-a": {"c": "2"}"#, #"{"x-a": {"b": "1", "c": "2"}}"#),
        Case(
            #""deploy": {"resources": {"limits": {"cpus": "1"}}}"#,
            #""deploy": {"resources": {"limits": {"memory": "1g"}}}"#,
            #"{"deploy": {"resources": {"limits": {"cpus": "1", "memory": "1g"}}}}"#),
    ]

    static let names = [
        Case(
            #""environment": ["A=1", "B=2", "C"]"#, #""environment": {"B": "3", "D": null}"#,
            #"{"environment": {"A": "1", "B": "3", "C": null, "D": null}}"#),
        Case(#""environment": {"A": "1"}"#, #""environment": ["A"]"#, #"{"environment": {"A": null}}"#),
        Case(#""environment": {"A": "1"}"#, #""environment": null"#, #"{"environment": {"A": "1"}}"#),
        Case(#""labels": {"a": "b=c"}"#, #""labels": ["d=e=f"]"#, #"{"labels": {"a": "b=c", "d": "e=f"}}"#),
        Case(
            #""networks": ["front"]"#, #""networks": {"back": {"aliases": ["x"]}}"#,
            #"{"networks": {"front": null, "back": {"aliases": ["x"]}}}"#),
        Case(
            #""networks": {"back": {"aliases": ["x"]}}"#, #""networks": {"back": {"aliases": ["y"]}}"#,
            #"{"networks": {"back": {"aliases": ["x", "y"]}}}"#),
        Case(
            #""depends_on": ["db"]"#, #""depends_on": {"db": {"condition": "service_healthy"}}"#,
            #"{"depends_on": {"db": {"condition": "service_healthy"}}}"#),
        Case(
            #""depends_on": ["db"]"#, #""depends_on": ["cache"]"#,
            #"{"depends_on": {"db": {"condition": "service_started"}, "cache": {"condition": "service_started"}}}"#),
        Case(
            #""ulimits": {"nofile": {"soft": "1"}}"#, #""ulimits": {"nofile": "2"}"#,
            #"{"ulimits": {"nofile": "2"}}"#),
    ]

    static let lists = [
        Case(#""dns": "1.1.1.1""#, #""dns": ["8.8.8.8", "1.1.1.1"]"#, #"{"dns": ["1.1.1.1", "8.8.8.8"]}"#),
        Case(#""security_opt": ["a"]"#, #""security_opt": ["a"]"#, #"{"security_opt": ["a", "a"]}"#),
        Case(#""expose": ["80"]"#, #""expose": ["90", "80"]"#, #"{"expose": ["80", "90"]}"#),
        Case(#""cap_add": ["A"]"#, #""cap_add": ["B"]"#, #"{"cap_add": ["A", "B"]}"#),
        Case(
            #""ports": ["80", "8000:80", "53:53/udp"]"#,
            #""ports": ["0.0.0.0:8000:80/tcp", {"target": "80", "published": "9000"}, "53:53"]"#,
            #"{"ports": ["80", "0.0.0.0:8000:80/tcp", "53:53/udp", {"target": "80", "published": "9000"}, "53:53"]}"#),
        Case(
            #""ports": [{"target": "80", "published": "8000", "host_ip": "127.0.0.1"}]"#,
            #""ports": ["127.0.0.1:8000:80"]"#, #"{"ports": ["127.0.0.1:8000:80"]}"#),
        Case(
            #""volumes": ["foo:/work", "/x", "./a:/b:ro"]"#,
            #""volumes": ["bar:/work", {"type": "tmpfs", "target": "/b"}, "more:/more"]"#,
            #"{"volumes": ["bar:/work", "/x", {"type": "tmpfs", "target": "/b"}, "more:/more"]}"#),
        Case(#""tmpfs": "/run""#, #""tmpfs": ["/run:size=1m", "/t"]"#, #"{"tmpfs": ["/run:size=1m", "/t"]}"#),
        Case(
            #""links": ["db:mysql", "cache"]"#, #""links": ["other:mysql,env=none", "db:cache", "db"]"#,
            #"{"links": ["other:mysql,env=none", "db:cache", "db"]}"#),
        Case(
            #""env_file": "a.env""#, #""env_file": ["b.env", {"path": "a.env", "required": "false"}]"#,
            #"{"env_file": [{"path": "a.env", "required": "false"}, "b.env"]}"#),
        Case(
            #""extra_hosts": {"a": "1.2.3.4"}"#, #""extra_hosts": ["a:1.2.3.4", "a:1.2.3.5"]"#,
            #"{"extra_hosts": ["a:1.2.3.4", "a:1.2.3.5"]}"#),
    ]

    static let tags = [
        Case(#""ports": ["80"], "user": "1""#, #""ports": {"!reset": []}"#, #"{"user": "1"}"#),
        Case(#""ports": ["80"]"#, #""ports": {"!override": ["90"]}"#, #"{"ports": ["90"]}"#),
        Case(
            #""environment": ["A=1", "B=2"]"#, #""environment": {"A": {"!reset": null}}"#,
            #"{"environment": {"B": "2"}}"#),
        Case(
            #""healthcheck": {"test": "a", "retries": "3"}"#, #""healthcheck": {"!override": {"test": "b"}}"#,
            #"{"healthcheck": {"test": "b"}}"#),
        Case(
            #""user": "1""#, #""tty": {"!override": "true"}, "dns": {"!reset": null}"#, #"{"user": "1", "tty": "true"}"#
        ),
    ]

    @Test(arguments: values + names + lists + tags)
    func `a later file goes over an earlier one by Docker's rules`(_ example: Case) throws {
        let expected = try JSONScanner.scan(Array(example.expected.utf8))
        #expect(try example.merged { try Self.merged($0) } == expected)
    }

    @Test func `services, networks and volumes come together, in the order in which they were named first`() throws {
        let merged = try Self.merged([
            #"{"version": "3", "services": {"web": {"image": "a"}}, "networks": {"n": {"labels": ["x=1"]}}}"#,
            #"{"services": {"db": {"image": "b"}, "web": {"user": "1"}}, "networks": {"n": {"labels": {"y": "2"}}}}"#,
            #"{"services": {"web": {"image": "c"}}, "volumes": {"v": null}, "name": "shop"}"#,
        ])
        let expected = """
            {"version":"3","services":{"web":{"image":"c","user":"1"},"db":{"image":"b"}},\
            "networks":{"n":{"labels":{"x":"1","y":"2"}}},"volumes":{"v":null},"name":"shop"}
            """
        #expect(merged.text == expected)
    }

    @Test func `variables are put in before keys are compared`() throws {
        let merged = try Self.merged(
            [
                #"{"services": {"web": {"image": "a", "volumes": ["x:${DATA}"]}}}"#,
                #"{"services": {"web": {"volumes": ["y:/data"]}}}"#,
            ], ["DATA": "/data"])
        #expect(merged.object?["services"]?.object?["web"]?.object?["volumes"] == ["y:/data"])
    }

    @Test func `files of version 1 are merged by the same rules`() throws {
        let texts = [
            #"{"web": {"image": "a", "environment": ["A=1"]}}"#,
            #"{"web": {"environment": {"A": "2"}}, "db": {"image": "b"}}"#,
        ]
        let documents = try texts.map { try JSONScanner.scan(Array($0.utf8)) }
        let project = try ComposeFile.project(documents, Self.context(2))
        #expect(project.service("web")?.container.env == ["A=2"] && project.networks.isEmpty)
        #expect(project.service("web")?.container.labels?[ComposeLabel.files] == "/w/0.yaml,/w/1.yaml")
    }

    @Test(arguments: [
        (
            #"{"services": {"web": {"deploy": "x"}}}"#,
            "services.web.deploy: a string in a later file cannot replace an object"
        ),
        (
            #"{"services": {"web": {"security_opt": "x"}}}"#,
            "services.web.security_opt: a string in a later file cannot"
        ),
        (#"{"services": {"web": {"volumes": [["x"]]}}}"#, "services.web.volumes: expected a text"),
        ("null", "/w/1.yaml: a compose file is a mapping of services"),
    ])
    func `what cannot be merged is refused with its place`(_ later: String, _ text: String) throws {
        let base = #"{"services": {"web": {"image": "a", "deploy": {}, "security_opt": ["a"], "volumes": ["/a"]}}}"#
        let error = #expect(throws: ComposeError.self) { try Self.merged([base, later]) }
        #expect(error?.description.contains(text) == true, "\(String(describing: error))")
    }

    @Test func `a file of another version is not merged into one of version 1`() throws {
        let error = #expect(throws: ComposeError.self) {
            try Self.merged([#"{"web": {"image": "a"}}"#, #"{"services": {"web": {"user": "1"}}}"#])
        }
        #expect(error?.description.hasPrefix("/w/1.yaml: a file of another version") == true)
    }
}
