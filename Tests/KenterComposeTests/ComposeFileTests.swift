import JSONRPC
import KenterProtocol
import Testing

@testable import KenterCompose

@Suite struct ComposeFileTests {
    private static func project(_ document: JSONValue, files: [String: String] = [:]) throws -> ComposeProject {
        let environment = ComposeEnvironment { ["TAG": "8", "HOME": "/home/me"][$0] }
        let context = ComposeContext(
            environment: environment, directory: "/srv/My Blog", files: ["/srv/My Blog/compose.yaml"],
            readFile: { files[$0] })
        return try ComposeFile.project([document], context)
    }

    /// A service of this description, in a project with a network `back` and a volume `data`.
    private static func service(_ description: JSONValue, files: [String: String] = [:]) throws -> ContainerCreate {
        var object = description.object ?? JSONObject()
        if object["image"] == nil { object["image"] = "busybox" }
        let document: JSONValue = [
            "services": ["web": .object(object), "db": ["image": "mysql"], "cache": ["image": "redis"]],
            "networks": ["back": nil], "volumes": ["data": nil, "old": ["external": "true"]],
        ]
        let project = try Self.project(document, files: files)
        #expect(project.warnings.isEmpty)
        return try #require(project.service("web")).container
    }

    @Test func `many values that are small before their variables are refused together`() {
        let context = ComposeContext(
            environment: ComposeEnvironment { _ in String(repeating: "x", count: 100_000) }, directory: "/srv",
            files: ["/srv/a.yaml", "/srv/b.yaml"], readFile: { _ in nil })
        let labels = JSONObject((0..<100).map { ("label-\($0)", .string("$A")) })
        let document: JSONValue = ["services": ["web": ["image": "busybox", "labels": .object(labels)]]]
        let error = #expect(throws: ComposeError.self) { try ComposeFile.merged([document, document], context) }
        #expect(error?.text.contains("more than 16777216 bytes") == true, "\(String(describing: error))")
    }

    @Test func `the classic file comes out whole`() throws {
        let project = try Self.project([
            "version": "3.3",
            "services": [
                "wordpress": [
                    "depends_on": ["db"], "links": ["db:mysql"], "image": "wordpress:latest", "ports": ["8000:80"],
                    "restart": "always", "environment": ["WORDPRESS_DB_HOST": "mysql:3306"],
                ],
                "db": [
                    "image": "mysql:${TAG}", "volumes": ["db_data:/var/lib/mysql"],
                    "environment": ["MYSQL_ROOT_PASSWORD=somewordpress"],
                ],
            ],
            "volumes": ["db_data": [:]],
        ])
        #expect(project.name == "myblog")
        #expect(project.services.map(\.name) == ["db", "wordpress"])
        #expect(project.warnings.isEmpty)
        #expect(project.networks.map(\.request.networkName) == ["myblog_default"])
        #expect(project.volumes.map(\.request.name) == ["myblog_db_data"])
        let web = try #require(project.service("wordpress"))
        #expect(web.container.name == "myblog-wordpress-1")
        #expect(web.container.links == ["myblog-db-1:mysql,rebind=name"])
        #expect(web.container.publish == ["8000:80"])
        #expect(web.container.network == "myblog_default" && web.container.networkAliases == ["wordpress"])
        #expect(web.container.restart == RestartPolicy(policy: .always))
        #expect(web.container.labels?["com.docker.compose.project"] == "myblog")
        #expect(web.container.labels?["com.docker.compose.service"] == "wordpress")
        #expect(web.dependencies == [.init(service: "db", condition: .started)])
        let database = try #require(project.service("db"))
        #expect(database.container.image == "mysql:8")
        #expect(
            database.container.mounts
                == [MountRequest(type: .volume, source: "myblog_db_data", target: "/var/lib/mysql")])
    }

    @Test func `a file of version 1 has its services at the top, and links on the default network`() throws {
        let project = try Self.project([
            "web": ["image": "wordpress", "links": ["db", "db:mysql"], "external_links": ["old_db:legacy"]],
            "db": ["image": "mysql"],
        ])
        let web = try #require(project.service("web"))
        #expect(project.networks.isEmpty && web.container.network == nil)
        #expect(
            web.container.links
                == ["myblog-db-1:db,rebind=name", "myblog-db-1:mysql,rebind=name", "old_db:legacy,rebind=name"])
    }

    /// A service's description as JSON, and what it changes of a plain service.
    struct Key: Sendable, CustomStringConvertible {
        let description: String
        let change: @Sendable (inout ContainerCreate) -> Void

        init(_ description: String, _ change: @escaping @Sendable (inout ContainerCreate) -> Void) {
            self.description = description
            self.change = change
        }
    }

    static let processKeys = [
        Key(#"{"command": "sh -c 'a b'"}"#) { $0.command = ["sh", "-c", "a b"] },
        Key(#"{"command": ["a", "b c"]}"#) { $0.command = ["a", "b c"] },
        Key(#"{"command": null}"#) { _ in },
        Key(#"{"entrypoint": "/e -x"}"#) { $0.entrypoint = ["/e", "-x"] },
        Key(#"{"entrypoint": []}"#) { $0.entrypoint = [""] },
        Key(#"{"environment": {"A": "1", "TAG": null, "NO": null}}"#) { $0.env = ["A=1", "TAG=8", "NO"] },
        Key(#"{"environment": ["A=1", "A=2", "TAG"]}"#) { $0.env = ["A=2", "TAG=8"] },
        Key(#"{"hostname": "h", "user": "1:2", "working_dir": "/w"}"#) {
            $0.hostname = "h"
            $0.user = "1:2"
            $0.workdir = "/w"
        },
        Key(#"{"tty": "true", "stdin_open": "yes", "read_only": "true", "privileged": "true", "init": "false"}"#) {
            $0.tty = true
            $0.stdinOpen = true
            $0.readOnly = true
            $0.privileged = true
            $0.`init` = false
        },
        Key(#"{"stop_signal": "SIGINT", "stop_grace_period": "1m30s"}"#) {
            $0.stopSignal = "SIGINT"
            $0.stopTimeoutSeconds = 90
        },
        Key(#"{"restart": "on-failure:3"}"#) { $0.restart = RestartPolicy(policy: .onFailure, maxRetries: 3) },
        Key(#"{"restart": "no"}"#) { $0.restart = RestartPolicy(policy: .no) },
        Key(#"{"cap_add": ["NET_ADMIN"], "cap_drop": ["ALL"]}"#) {
            $0.capAdd = ["NET_ADMIN"]
            $0.capDrop = ["ALL"]
        },
        Key(#"{"mem_limit": "64m", "cpus": "0.5", "pids_limit": "9"}"#) {
            $0.resources = Resources(memoryBytes: 67_108_864, cpus: 0.5, pids: 9)
        },
        Key(#"{"deploy": {"resources": {"limits": {"memory": "1k", "cpus": "2"}}}}"#) {
            $0.resources = Resources(memoryBytes: 1024, cpus: 2)
        },
        Key(#"{"healthcheck": {"test": "curl -f x", "interval": "10s", "retries": "5", "start_period": "1m"}}"#) {
            $0.healthcheck = Healthcheck(
                test: ["CMD-SHELL", "curl -f x"], intervalSeconds: 10, startPeriodSeconds: 60, retries: 5)
        },
        Key(#"{"healthcheck": {"disable": "true"}}"#) { $0.healthcheck = Healthcheck(test: ["NONE"]) },
        Key(#"{"healthcheck": {"test": ["CMD", "a"]}}"#) { $0.healthcheck = Healthcheck(test: ["CMD", "a"]) },
        Key(#"{"container_name": "mine"}"#) { $0.name = "mine" },
        Key(#"{"x-anything": {"a": "b"}}"#) { _ in },
        Key(#"{"env_file": ["a.env", {"path": "no", "required": "false"}], "environment": {"A": "own"}}"#) {
            $0.env = ["B=2", "A=own"]
        },
    ]

    static let connectionKeys = [
        Key(#"{"ports": ["80", "8000-8010:80/udp", "127.0.0.1:22:22"]}"#) {
            $0.publish = ["80", "8000-8010:80/udp", "127.0.0.1:22:22"]
        },
        Key(#"{"ports": [{"target": "80", "published": "8080", "host_ip": "::1", "protocol": "tcp", "mode": "host"}]}"#)
        { $0.publish = ["[::1]:8080:80/tcp"] },
        Key(#"{"ports": [{"target": "80"}], "expose": ["90/udp"]}"#) {
            $0.publish = ["80"]
            $0.expose = ["90/udp"]
        },
        Key(#"{"extra_hosts": ["a:1.2.3.4", "b=::1"]}"#) { $0.extraHosts = ["a:1.2.3.4", "b:::1"] },
        Key(#"{"extra_hosts": {"a": "1.2.3.4"}, "dns": "8.8.8.8"}"#) {
            $0.extraHosts = ["a:1.2.3.4"]
            $0.dns = ["8.8.8.8"]
        },
        Key(#"{"networks": {"back": {"aliases": ["api"], "ipv4_address": "172.30.0.9"}}}"#) {
            $0.network = "myblog_back"
            $0.networkAliases = ["web", "api"]
            $0.ip = "172.30.0.9"
        },
        Key(#"{"network_mode": "host"}"#) {
            $0.network = "host"
            $0.networkAliases = nil
        },
        Key(#"{"network_mode": "service:db"}"#) {
            $0.network = "container:myblog-db-1"
            $0.networkAliases = nil
        },
        Key(#"{"network_mode": "bridge"}"#) {
            $0.network = nil
            $0.networkAliases = nil
        },
        Key(#"{"links": ["db:mysql,env=safe", "cache"]}"#) {
            $0.links = ["myblog-db-1:mysql,env=safe,rebind=name", "myblog-cache-1:cache,rebind=name"]
        },
    ]

    static let volumeKeys = [
        Key(#"{"volumes": ["/only", "data:/d:ro", "./x:/x", "~/y:/y", "old:/o:z"]}"#) {
            $0.mounts = [
                MountRequest(type: .volume, target: "/only"),
                MountRequest(type: .volume, source: "myblog_data", target: "/d", readOnly: true),
                MountRequest(type: .bind, source: "/srv/My Blog/x", target: "/x", createSource: true),
                MountRequest(type: .bind, source: "/home/me/y", target: "/y", createSource: true),
                MountRequest(type: .volume, source: "old", target: "/o"),
            ]
        },
        Key(
            #"{"volumes": [{"type": "bind", "source": "../up", "target": "/b", "read_only": "true"},"#
                + #"{"type": "tmpfs", "target": "/t", "tmpfs": {"size": "1k"}}], "tmpfs": "/run:size=2k,ro"}"#
        ) {
            $0.mounts = [
                MountRequest(type: .bind, source: "/srv/up", target: "/b", readOnly: true),
                MountRequest(type: .tmpfs, target: "/t", sizeBytes: 1024),
                MountRequest(type: .tmpfs, target: "/run", readOnly: true, sizeBytes: 2048),
            ]
        },
        Key(#"{"volumes_from": ["db:ro", "container:other"]}"#) { $0.volumesFrom = ["myblog-db-1:ro", "other"] },
    ]

    @Test(arguments: processKeys + connectionKeys + volumeKeys)
    func `a key means the same as for Docker`(_ key: Key) throws {
        var expected = try Self.service([:])
        key.change(&expected)
        let description = try JSONScanner.scan(Array(key.description.utf8))
        #expect(try Self.service(description, files: ["/srv/My Blog/a.env": "A=1\nB=2"]) == expected)
    }

    @Test func `labels are kept beside the project's own`() throws {
        let labels = try Self.service(["labels": ["a=b", "c"]]).labels
        #expect(labels?["a"] == "b" && labels?["c"] == "" && labels?["com.docker.compose.service"] == "web")
    }

    @Test(arguments: [
        (#"[]"#, "mapping of services"), (#"{}"#, "the file has no services"),
        (#"{"services": {}}"#, "the file has no services"),
        (#"{"services": {"web": {"command": "x"}}}"#, "services.web: no image"),
        (#"{"services": {"web": {"build": "."}}}"#, "services.web: images are not built here"),
        (
            #"{"services": {"web": {"image": "a", "ports": "80"}}}"#,
            "services.web.ports: expected a list, found a string"
        ),
        (#"{"services": {"web": {"image": "a", "tty": "maybe"}}}"#, "services.web.tty: expected true or false"),
        (#"{"services": {"web": {"image": "a", "links": ["db"]}}}"#, "services.web.links: there is no service 'db'"),
        (#"{"services": {"web": {"image": "a", "volumes": ["d:/d"]}}}"#, "services.web.volumes[0]: there is no volume"),
        (#"{"services": {"web": {"image": "a", "networks": ["x"]}}}"#, "services.web.networks[0]: there is no network"),
        (#"{"services": {"web": {"image": "a", "env_file": "no"}}}"#, "services.web.env_file: cannot read the file"),
        (#"{"services": {"web": {"image": "a", "mem_limit": "lots"}}}"#, "services.web.mem_limit: expected a size"),
        (#"{"services": {"web": {"image": "a", "restart": "maybe"}}}"#, "services.web.restart: use no, always"),
        (
            #"{"services": {"web": {"image": "${NO:?which}"}}}"#,
            "services.web.image: the variable NO is required: which"
        ),
        (
            #"{"services": {"a": {"image": "i", "depends_on": ["b"]}, "b": {"image": "i", "links": ["a"]}}}"#,
            "depend on each other in a circle: a -> b -> a"
        ),
        (
            #"{"services": {"a": {"image": "i", "depends_on": {"b": {"condition": "x"}}}, "b": {"image": "i"}}}"#,
            "services.a.depends_on.b.condition: there is no condition 'x'"
        ),
    ])
    func `what cannot be meant is refused with its place`(_ document: String, _ message: String) throws {
        let document = try JSONScanner.scan(Array(document.utf8))
        let error = #expect(throws: ComposeError.self) { try Self.project(document) }
        #expect(error?.description.contains(message) == true, "\(String(describing: error))")
    }

    @Test func `what is not supported is named, never dropped`() throws {
        let project = try Self.project([
            "services": [
                "web": [
                    "image": "a", "build": ".", "sysctls": ["x=1"], "deploy": ["placement": [:], "replicas": "3"],
                    "networks": ["default": ["priority": "1"]], "volumes": ["/a:/b:foo"],
                ]
            ],
            "networks": ["default": ["driver": "overlay"]], "secrets": ["s": nil], "x-own": "y",
            "volumes": ["v": ["driver_opts": ["type": "nfs"]]],
        ])
        #expect(
            project.warnings.sorted() == [
                "networks.default.driver is not supported: left out", "secrets is not supported: left out",
                "services.web.build is not supported: left out",
                "services.web.deploy.placement is not supported: left out",
                "services.web.deploy.replicas is not supported: left out",
                "services.web.networks.default.priority is not supported: left out",
                "services.web.sysctls is not supported: left out",
                "services.web.volumes[0]: the mode 'foo' is not supported: left out",
                "volumes.v.driver_opts is not supported: left out",
            ])
    }

    @Test func `networks and volumes have their own names, or those of others`() throws {
        let project = try Self.project([
            "name": "shop",
            "services": ["web": ["image": "a", "networks": ["front", "out"], "profiles": []]],
            "networks": [
                "front": [
                    "internal": "true", "ipam": ["config": [["subnet": "172.30.0.0/16", "gateway": "172.30.0.1"]]],
                ],
                "out": ["external": "true"], "unused": nil,
            ],
            "volumes": ["a": ["name": "exact"], "b": ["external": ["name": "theirs"]]],
        ])
        #expect(project.networks.map(\.request.networkName) == ["shop_front", "out", "shop_unused"])
        #expect(project.networks.map(\.isExternal) == [false, true, false])
        #expect(project.networks[0].request.subnet == "172.30.0.0/16" && project.networks[0].request.internal == true)
        #expect(project.volumes.map(\.request.name) == ["exact", "theirs"])
        #expect(project.volumes.map(\.isExternal) == [false, true])
        let web = try #require(project.service("web")).container
        #expect(web.network == "shop_front" && web.networkAliases == ["web"])
        #expect(web.furtherNetworks == [MembershipRequest(network: "out", aliases: ["web"])])
    }

    private static let profiled: JSONValue = [
        "services": [
            "web": ["image": "a", "network_mode": "bridge"], "debug": ["image": "b", "profiles": ["debug"]],
            "top": ["image": "c", "profiles": ["debug"], "links": ["debug"]],
            "made": ["build": ".", "profiles": ["make"]],
        ]
    ]

    private static func profiled(
        _ document: JSONValue, on profiles: Set<String> = [], named: Set<String> = [], every: Bool = false
    ) throws -> ComposeProject {
        let context = ComposeContext(
            environment: ComposeEnvironment { _ in nil }, directory: "/srv/shop", files: ["/c"], profiles: profiles,
            namedServices: named, takesEveryProfile: every, readFile: { _ in nil })
        return try ComposeFile.project([document], context)
    }

    @Test func `services of profiles that are off are not there, but no orphans either`() throws {
        let project = try Self.profiled(Self.profiled)
        #expect(project.services.map(\.name) == ["web"] && project.networks.isEmpty)
        let debug = ComposePlan.Existing(id: "x", name: "x", service: "debug", hash: "", isRunning: true)
        #expect(ComposePlan(project, existing: [debug]).orphans.isEmpty)
        #expect(try Self.profiled(Self.profiled, on: ["debug"]).services.map(\.name) == ["web", "debug", "top"])
    }

    @Test func `a service that is named brings its profiles`() throws {
        let project = try Self.profiled(Self.profiled, named: ["top"])
        #expect(project.services.map(\.name) == ["web", "debug", "top"])
        #expect(throws: ComposeError.self) { try Self.profiled(Self.profiled, named: ["made"]) }
    }

    @Test func `what takes every profile takes what can be read, and the default network`() throws {
        let project = try Self.profiled(Self.profiled, every: true)
        #expect(project.services.map(\.name) == ["web", "debug", "top"])
        #expect(project.networks.map(\.key) == ["default"])
        let off: JSONValue = ["services": ["a": ["image": "a", "profiles": ["x", "y"]]]]
        #expect(try Self.profiled(off, every: true).services.map(\.name) == ["a"])
        let error = #expect(throws: ComposeError.self) { try Self.profiled(off) }
        #expect(error?.text == "every service has a profile that is off: switch one on with --profile (x, y)")
        let wrong: JSONValue = ["services": ["a": ["build": "."]]]
        #expect(throws: ComposeError.self) { try Self.profiled(wrong, every: true) }
    }
}
