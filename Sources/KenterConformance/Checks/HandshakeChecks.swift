import ChildProcess
import Glibc
import JSONRPC
import KenterProtocol

/// `plugin.hello` and `plugin.configure`.
enum HandshakeChecks {
    static let all: [Check] = [
        Check("hello.answer", "plugin.hello is answered with a version, a name and at least one known role") {
            bench throws(CheckEnd) in
            try told { () throws(CheckEnd) in try answers(bench) }
        },
        Check("hello.repeatable", "two processes answer plugin.hello alike", needs: [.passed("hello.answer")]) {
            bench throws(CheckEnd) in
            let first = try bench.start("one").succeed(Bench.hello())
            let second = try bench.start("two").succeed(Bench.hello())
            try (first.json == second.json).orFail("the second process said something else")
        },
        Check(
            "hello.no-effects", "until plugin.configure it makes no files",
            needs: [.passed("hello.answer")]
        ) { bench throws(CheckEnd) in
            let session = try bench.greeted()
            session.listen(for: .milliseconds(50))
            if let path = Files.tree(bench.stateDirectory()).first { throw .failed("hello made the file \(path)") }
        },
        Check(
            "hello.no-privileges", "plugin.hello needs no privileges: it is answered by root without capabilities",
            needs: [.passed("hello.answer")], unprivileged),
        Check(
            "hello.newer-engine", "from a range that begins with its own version it picks one, and always the same",
            needs: [.passed("hello.answer")]
        ) { bench throws(CheckEnd) in
            let picked = try bench.start("one").succeed(Bench.hello(1...1_000)).value.protocol
            try (1...1_000).contains(picked).orFail("it picked version \(picked) of 1 to 1000")
            let again = try bench.start("two").succeed(Bench.hello(picked...picked)).value.protocol
            try (again == picked).orFail("offered only version \(picked), which it had picked, it picked \(again)")
        },
        Check(
            "hello.no-common-version", "it never claims a version that it was offered but cannot know",
            needs: [.passed("hello.answer")]
        ) { bench throws(CheckEnd) in
            switch try bench.start().ask(Bench.hello(9_000...9_001)) {
            case .success(let answer):
                // Naming its own version is an answer too: the engine refuses it, and shows both ranges.
                try (!(9_000...9_001).contains(answer.value.protocol)).orFail(
                    "it claims to speak version \(answer.value.protocol)")
            case .failure(let error):
                try (error.kind.code == RPCError.Kind.unsupportedProtocol.code).orFail(
                    "it refused with the code \(error.kind.code), not \(RPCError.Kind.unsupportedProtocol.code)")
            }
        },
        Check(
            "configure.ready", "plugin.configure is answered with ready: true", needs: [.passed("hello.answer")]
        ) { bench throws(CheckEnd) in
            let session = try bench.greeted()
            let configure = PluginConfigure(config: bench.kit.configuration, stateDir: bench.stateDirectory())
            let answer = try told { () throws(CheckEnd) in try session.succeed(configure) }
            let warnings = (answer.value.warnings ?? []).joined(separator: "; ")
            try answer.value.ready.orFail("it is not ready: \(warnings) (hand over what it needs with --config)")
        },
    ]

    private static func answers(_ bench: Bench) throws(CheckEnd) {
        let session = try bench.start()
        let greeting = try session.succeed(Bench.hello()).value
        try (greeting.protocol == 1).orFail("offered version 1 only, it answered version \(greeting.protocol)")
        try (!greeting.plugin.name.isEmpty).orFail("its name is empty")
        let known = greeting.roles.keys.filter(ConformanceKit.knownRoles.contains)
        try (!known.isEmpty).orFail("it plays none of the roles network, storage and link")
        for role in bench.kit.roles {
            try (greeting.roles[role] != nil).orFail("it does not play the role \(role)")
        }
        if let reason = greeting.disable { throw .failed("it says that it cannot work here: \(reason)") }
        if let concurrency = greeting.concurrency {
            try (concurrency > 0).orFail("it takes \(concurrency) calls at once")
        }
        bench.greeting = greeting
    }

    private static func unprivileged(_ bench: Bench) throws(CheckEnd) {
        guard geteuid() == 0 else { throw .skipped("nothing was run with privileges") }
        guard let setpriv = ChildProcess.find("setpriv") else { throw .skipped("needs setpriv, of util-linux") }
        let session = try bench.start(
            through: [setpriv, "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"])
        switch try session.ask(Bench.hello()) {
        case .success: return
        case .failure(let error): throw .failed("it was answered with an error: \(error.message)")
        }
    }
}

/// Questions to /proc about other processes.
enum Processes {
    /// Processes of the session that a process leads, those that have ended and wait to be reaped included.
    static func ofSession(_ leader: Int32) -> [Int32] {
        Files.names(in: "/proc").compactMap { Int32($0) }.filter { getsid($0) == leader }
    }

    static func openDescriptors(_ pid: Int32) -> Int { Files.names(in: "/proc/\(pid)/fd").count }
}
