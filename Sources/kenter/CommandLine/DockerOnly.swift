/// What Docker's command line has and this one has not, each with what to do instead; empty where there is nothing like it.
///
/// Whoever comes from there is to learn that a word is known and missing, not that it may be mistyped.
enum DockerOnly {
    /// Why there is no such command; `nil` for words that Docker has not either.
    ///
    /// - Parameter path: The words of the command: `["compose", "build"]`.
    static func command(_ path: [String]) -> String? {
        commands[normalized(path).joined(separator: " ")].map { refusal(path.joined(separator: " "), $0) }
    }

    /// Why a command has no such option, by what was written: `--device`, `-f`.
    static func options(of path: [String], _ syntax: [ArgumentReader.Option]) -> [String: String] {
        let words = normalized(path)
        let own = options[words.joined(separator: " ")] ?? [:]
        var refusals = Dictionary(uniqueKeysWithValues: own.map { ($0.key, refusal($0.key, $0.value)) })
        let hasJSON = syntax.contains { $0.long == "json" }
        let isInspecting = words.last == "inspect"
        guard hasJSON || isInspecting else { return refusals }
        let json = hasJSON ? "use --json, for instance with jq" : "the output is JSON, for instance for jq"
        refusals["--format"] = "kenter has no Go templates: \(json)"
        if isInspecting { refusals["-f"] = refusals["--format"] }
        return refusals
    }

    private static func refusal(_ words: String, _ instead: String) -> String {
        "'\(words)' is not in kenter" + (instead.isEmpty ? "" : ": \(instead)")
    }

    /// Docker's `container run` is its `run`; `create` is told as that.
    private static func normalized(_ path: [String]) -> [String] {
        let nouns = ["container", "image", "system"]
        // A prune is one noun's.
        let isShort = path.count > 1 && nouns.contains(path[0]) && (path[1] != "prune" || path[0] == "system")
        let words = isShort ? Array(path.dropFirst()) : path
        let names = ["create": "run", "remove": "rm", "list": "ls"]
        return words.count == 1 ? [names[words[0]] ?? words[0]] : words
    }

    private static let building = "build with buildah or docker, then 'kenter load'"
    private static let oneHost = "one engine runs on one host"
    private static let registries = "'skopeo copy' brings images to registries, and into archives"
    private static let oneByOne =
        "prune containers, images, networks and volumes each by itself: 'kenter container prune' …"

    static let commands: [String: String] = [
        "attestation": "", "bake": building, "build": building, "builder": building, "buildx": building,
        "checkpoint": "", "commit": building, "config": oneHost, "context": "--host or KENTER_HOST names the engine",
        "debug": "", "desktop": "", "df": "'kenter images' and 'kenter stats' show sizes",
        "dial-stdio": "use 'kenter rpc'",
        "diff": "", "export": "'kenter cp CONTAINER:/ -' writes its files as a tar archive",
        "history": "'kenter image inspect' shows what an image is", "login": "run 'skopeo login' as the engine's user",
        "logout": "run 'skopeo logout' as the engine's user", "manifest": registries, "model": "", "node": oneHost,
        "push": registries, "save": registries, "scout": "", "search": "search on the registry's own site",
        "secret": oneHost,
        "service": oneHost, "stack": "use 'kenter compose'", "swarm": oneHost, "trust": "", "prune": oneByOne,
        "plugin create": "docs/writing-a-plugin.md says what a plugin is",
        "plugin install": "put its file into /etc/kenter/plugins.d, then 'kenter plugin enable'",
        "plugin push": "", "plugin rm": "'kenter plugin disable', then remove its file",
        "plugin set": "config.json has the configuration of plugins",
        "plugin upgrade": "replace its file and enable it again",
        "volume update": "",
        "compose attach": "use 'kenter attach' with the container's name", "compose build": building,
        "compose commit": building, "compose cp": "use 'kenter cp' with the container's name",
        "compose create": "'kenter compose up -d' makes and starts containers", "compose events": "use 'kenter events'",
        "compose export": "'kenter cp CONTAINER:/ -' writes its files as a tar archive",
        "compose images": "'kenter compose ps' shows the images",
        "compose kill": "use 'kenter kill' with the container's name",
        "compose pause": "use 'kenter pause' with the container's name",
        "compose port": "'kenter compose ps' shows the ports",
        "compose publish": "", "compose pull": "use 'kenter pull'; 'kenter compose up' pulls what is missing",
        "compose push": registries, "compose rm": "use 'kenter rm' with the container's name, or 'kenter compose down'",
        "compose run": "use 'kenter compose exec' in a running service, or 'kenter run'",
        "compose scale": "a service has one container", "compose stats": "use 'kenter stats' with the container's name",
        "compose top": "use 'kenter top' with the container's name",
        "compose unpause": "use 'kenter unpause' with the container's name", "compose version": "use 'kenter version'",
        "compose volumes": "use 'kenter volume ls --filter label=com.docker.compose.project=NAME'",
        "compose wait": "use 'kenter wait' with the container's name", "compose watch": building,
    ]

    private static let ownNamespace = "every container has its own; --network alone can be shared"
    private static let processors = "--cpus limits what processors it may use"
    private static let memory = "--memory is the one limit of memory"
    private static let disk = "'kenter stats' shows what it reads and writes"
    private static let logs = "the engine keeps every log: see 'kenter logs'"
    private static let profile =
        "the engine's seccomp profile holds for all; --cap-add, --cap-drop and --privileged differ from it"
    private static let keys = "the keys are ctrl-p ctrl-q"

    private static let run: [String: String] = [
        "--annotation": "use --label", "--attach": "without --detach all output is shown",
        "-a": "without --detach all output is shown",
        "--blkio-weight": disk, "--blkio-weight-device": disk, "--cgroup-parent": "", "--cgroupns": ownNamespace,
        "--cidfile": "'kenter create' and 'kenter run -d' print the id", "--cpu-count": processors,
        "--cpu-percent": processors, "--cpu-period": processors, "--cpu-quota": processors,
        "--cpu-rt-period": processors,
        "--cpu-rt-runtime": processors, "--cpu-shares": processors, "-c": processors, "--cpuset-cpus": processors,
        "--cpuset-mems": processors, "--detach-keys": keys, "--device": "--privileged gives it every device",
        "--device-cgroup-rule": "--privileged gives it every device", "--device-read-bps": disk,
        "--device-read-iops": disk,
        "--device-write-bps": disk, "--device-write-iops": disk, "--disable-content-trust": "",
        "--dns-option": "--dns alone is",
        "--dns-opt": "--dns alone is", "--dns-search": "--dns alone is", "--domainname": "write it into --hostname",
        "--gpus": "--privileged gives it every device", "--group-add": "--user takes one group, as in 1000:44",
        "--ipc": ownNamespace, "--isolation": "", "--kernel-memory": memory, "--label-file": "use --label",
        "--link-local-ip": "use --ip6", "--log-driver": logs, "--log-opt": logs,
        "--mac-address": "the network's provider chooses it", "--memory-reservation": memory, "--memory-swap": memory,
        "--memory-swappiness": memory, "--oom-kill-disable": memory, "--oom-score-adj": memory, "--pid": ownNamespace,
        "--platform": "pull the image with 'kenter pull --platform' before",
        "--runtime": "the engine has one, crun or runc",
        "--security-opt": profile, "--shm-size": "use --tmpfs /dev/shm:size=…",
        "--sig-proxy": "signals are passed on where it has no terminal",
        "--storage-opt": "'kenter volume create --size' limits a volume", "--sysctl": "",
        "--ulimit": "--pids-limit, --memory and --cpus limit it",
        "--userns": ownNamespace, "--use-api-socket": "use -v with --engine-access", "--uts": ownNamespace,
        "--volume-driver": "make the volume with 'kenter volume create --provider' before",
    ]

    static let options: [String: [String: String]] = [
        "run": run,
        "update": run.filter {
            $0.key.hasPrefix("--cpu") || $0.key.hasPrefix("--memory") || $0.key.hasPrefix("--blkio")
        },
        "attach": ["--detach-keys": keys, "--sig-proxy": "signals are passed on where it has no terminal"],
        "exec": ["--detach-keys": keys],
        "start": ["--detach-keys": keys, "--checkpoint": "", "--checkpoint-dir": ""],
        "logs": ["--details": "", "--until": "use --since and --tail"],
        "ps": ["--size": "", "-s": ""], "container ls": ["--size": "", "-s": ""],
        "inspect": ["--size": "", "-s": ""],
        "pull": ["--all-tags": "name the tags", "-a": "name the tags", "--disable-content-trust": ""],
        "images": ["--tree": "use 'kenter image inspect'"], "rmi": ["--no-prune": "", "--platform": ""],
        "load": ["--platform": ""], "import": ["--platform": "", "--message": "", "-m": ""],
        "network create": [
            "--attachable": oneHost, "--aux-address": "", "--config-from": "", "--config-only": "",
            "--ingress": oneHost,
            "--ip-range": "addresses come from the whole of --subnet", "--ipam-driver": "--provider chooses them",
            "--ipam-opt": "", "--ipv4": "", "--scope": oneHost,
        ],
        "network connect": [
            "--link": "use 'kenter link create'", "--link-local-ip": "use --ip6", "--driver-opt": "",
            "--gw-priority": "",
        ],
        "events": ["--until": "'kenter rpc events.history' shows what was"],
        "container prune": ["--filter": "'kenter rm' removes what is named"],
        "image prune": [
            "--filter": "'kenter rmi' removes what is named", "--all": "'kenter rmi' removes what is named",
            "-a": "'kenter rmi' removes what is named",
        ],
        "network prune": ["--filter": "'kenter network rm' removes what is named"],
        "volume prune": ["--filter": "'kenter volume rm' removes what is named"],
        "compose up": [
            "--build": building, "--scale": "a service has one container", "--abort-on-container-exit": "",
            "--exit-code-from": "'kenter wait' prints it", "--no-deps": "name the services", "--no-start": "",
            "--wait": "'kenter wait --until healthy' waits for one", "--pull": "pull_policy in the file says it",
            "--no-recreate": "", "--no-build": "nothing is built", "--timeout": "use 'kenter compose stop -t'",
            "-t": "use 'kenter compose stop -t'", "--watch": building, "-w": building,
        ],
        "compose down": ["--rmi": "use 'kenter rmi'"],
        "compose exec": ["--index": "a service has one container"],
        "compose logs": [
            "--no-log-prefix": "use 'kenter logs'", "--no-color": "there are no colours",
            "--since": "use 'kenter logs'",
        ],
        "compose ps": ["--services": "use 'kenter compose config --services'"],
    ]
}
