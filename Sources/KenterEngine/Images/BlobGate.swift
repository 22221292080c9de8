/// Keeps the removal of unused blobs apart from work that brings blobs nobody refers to yet.
actor BlobGate {
    private var holders = 0
    private var isCollecting = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func enter() async {
        while isCollecting { await change() }
        holders += 1
    }

    func leave() {
        holders -= 1
        wake()
    }

    func beginCollecting() async {
        while isCollecting || holders > 0 { await change() }
        isCollecting = true
    }

    func endCollecting() {
        isCollecting = false
        wake()
    }

    private func change() async {
        await withCheckedContinuation { waiting.append($0) }
    }

    private func wake() {
        let woken = waiting
        waiting = []
        for continuation in woken { continuation.resume() }
    }
}
