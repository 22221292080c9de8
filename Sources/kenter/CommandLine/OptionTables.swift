/// The options of the commands whose last words belong to another command; a test keeps them equal to what those
/// commands declare.
extension OptionSyntax {
    private static let creationSwitches: [String: Character?] = [
        "init": nil, "interactive": "i", "no-healthcheck": nil, "privileged": nil, "publish-all": "P", "quiet": "q",
        "read-only": nil, "rm": nil, "tty": "t", "engine-access": nil,
    ]

    private static let creationValued: [String: Character?] = [
        "add-host": nil, "cap-add": nil, "cap-drop": nil, "cpus": nil, "dns": nil, "entrypoint": nil, "env": "e",
        "env-file": nil, "expose": nil, "health-cmd": nil, "health-interval": nil, "health-retries": nil,
        "health-start-period": nil, "health-timeout": nil, "host": "H", "host-port": nil, "hostname": "h", "ip": nil,
        "label": "l", "link": nil, "memory": "m", "mount": nil, "name": nil, "network": nil, "pids-limit": nil,
        "publish": "p", "pull": nil, "restart": nil, "stop-signal": nil, "stop-timeout": nil, "tmpfs": nil, "user": "u",
        "volume": "v", "volumes-from": nil, "workdir": "w",
    ]

    private static let creationSynonyms = ["net": "network"]

    static let run = OptionSyntax(
        switches: creationSwitches.merging(["detach": "d"]) { first, _ in first }, valued: creationValued,
        synonyms: creationSynonyms, command: "run", usageStatus: 125)

    static let create = OptionSyntax(
        switches: creationSwitches, valued: creationValued, synonyms: creationSynonyms, command: "create",
        usageStatus: 1)

    static let exec = OptionSyntax(
        switches: ["detach": "d", "interactive": "i", "privileged": nil, "tty": "t"],
        valued: ["env": "e", "env-file": nil, "host": "H", "user": "u", "workdir": "w"], command: "exec", usageStatus: 1
    )

    /// The table for the command that these words begin with, and where its own words start.
    static func find(for words: [String]) -> (OptionSyntax, start: Int)? {
        var index = 0
        // Options of `kenter` itself may come first.
        while index < words.count, words[index].hasPrefix("-") {
            index += ["--host", "-H"].contains(words[index]) ? 2 : 1
        }
        if index < words.count, words[index] == "container" { index += 1 }
        guard index < words.count, let table = ["run": run, "create": create, "exec": exec][words[index]] else {
            return nil
        }
        return (table, index + 1)
    }
}
