import Testing

/// One call in which the engine, or a plugin, dies: what must be there before it, and what nobody may touch.
struct CrashCase: Sendable, CustomTestStringConvertible {
    var call: [String]
    var before: [[String]] = []
    /// Containers that must be there afterwards, whatever became of the call.
    var mustLeave: [String] = []
    /// Those of them that the call is not about: the same process runs on through all of it.
    var bystanders: [String] = []
    /// Further images that are needed.
    var images: [String] = []
    /// A provider of links that stands in for the default one.
    var linkProvider: String?
    var testDescription: String { call.joined(separator: " ") }

    static let all = [
        run, runThatFills, stop, stopByForce, remove, createVolume, link, act, update, copy, createNetwork, connect,
    ]

    private static let source = ["run", "-d", "--name", "src", "--expose", "80"] + server
    private static let server = ["busybox", "httpd", "-f", "-p", "80", "-h", "/var/www"]
    private static let sleep = ["busybox", "sleep", "1d"]

    private static let run = CrashCase(
        call: ["run", "-d", "--name", "aa", "-v", "data:/d", "-v", "/anonymous", "-p", "8000:80", "--link", "src:db"]
            + server,
        before: [source], mustLeave: ["src"], bystanders: ["src"])
    private static let runThatFills = CrashCase(
        call: ["run", "-d", "--name", "aa", "-v", "data:/data", "bb-vol", "sleep", "1d"], images: ["bb-vol"])
    private static let stop = CrashCase(
        call: ["stop", "-t", "0", "aa"],
        before: [
            ["run", "-d", "--name", "aa", "-p", "8000:80"] + server,
            ["run", "-d", "--name", "web", "--link", "aa:db", "-p", "8001:80"] + server,
        ], mustLeave: ["aa", "web"], bystanders: ["web"])
    /// Its main process takes no notice of SIGTERM.
    private static let stopByForce = CrashCase(
        call: ["stop", "-t", "1", "aa"], before: [["run", "-d", "--name", "aa"] + sleep], mustLeave: ["aa"])
    private static let remove = CrashCase(
        call: ["rm", "-f", "-v", "aa"],
        before: [
            ["run", "-d", "--name", "src", "--expose", "80"] + server,
            ["run", "-d", "--name", "aa", "-v", "/anonymous", "-p", "8000:80", "--expose", "80", "--link", "src:db"]
                + server,
            ["run", "-d", "--name", "web", "--link", "aa:db"] + sleep,
        ], mustLeave: ["src", "web"], bystanders: ["src", "web"])
    private static let createVolume = CrashCase(call: ["volume", "create", "data"])
    private static let link = CrashCase(
        call: ["link", "create", "web", "src:db,files=yes"],
        before: [source, ["run", "-d", "--name", "web"] + sleep], mustLeave: ["src", "web"], bystanders: ["src", "web"])
    private static let act = CrashCase(
        call: ["link", "create", "web", "src:db"],
        before: [source, ["run", "-d", "--name", "web"] + sleep], mustLeave: ["src", "web"],
        bystanders: ["src", "web"],
        linkProvider: "acts-on-links")
    private static let update = CrashCase(
        call: ["update", "-m", "64m", "--pids-limit", "50", "--restart", "always", "aa"],
        before: [["run", "-d", "--name", "aa", "-m", "32m"] + sleep], mustLeave: ["aa"], bystanders: ["aa"])
    private static let copy = CrashCase(
        call: ["cp", "aa:/etc", "copied"],
        before: [["create", "--name", "aa", "-v", "data:/d", "-v", "/usr:/bound:ro"] + sleep], mustLeave: ["aa"])
    private static let createNetwork = CrashCase(call: ["network", "create", "--ipv6", "made"])
    private static let connect = CrashCase(
        call: ["network", "connect", "back", "aa"],
        before: [["network", "create", "back"], ["run", "-d", "--name", "aa", "-p", "8000:80"] + server],
        mustLeave: ["aa"], bystanders: ["aa"])
}
