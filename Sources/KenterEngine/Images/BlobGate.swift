/// Keeps the removal of unused blobs apart from work that brings blobs nobody refers to yet.
///
/// Nobody who wants to collect waits for such work, which may take as long as a registry likes: it is owed instead, and
/// the last of those who hold blobs is told so.
actor BlobGate {
    private var holders = 0
    private var isCollecting = false
    private var isOwed = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func enter() async {
        while isCollecting { await change() }
        holders += 1
    }

    /// Whether a collection is owed that can be made up for now.
    func leave() -> Bool {
        holders -= 1
        return isOwed && holders == 0
    }

    /// False when somebody holds blobs: then nothing may be collected, and it is owed.
    func beginCollecting() async -> Bool {
        while isCollecting { await change() }
        isOwed = holders > 0
        isCollecting = !isOwed
        return isCollecting
    }

    func endCollecting() {
        isCollecting = false
        let woken = waiting
        waiting = []
        for continuation in woken { continuation.resume() }
    }

    private func change() async {
        await withCheckedContinuation { waiting.append($0) }
    }
}
