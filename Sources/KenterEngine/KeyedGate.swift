import Synchronization

/// Lets one operation at a time through for each key, in the order of arrival.
///
/// Whoever has several operations to do, one after another, takes its places in all lines when it arrives: what arrives
/// later comes after each of them.
final class KeyedGate: Sendable {
    /// A place in the line for a key. It holds up everyone behind it until it is left, its owner inside or not.
    private struct Place {
        var key: String
        var number: UInt64
    }

    private struct Waiter {
        var number: UInt64
        /// Of one whose turn has not come: resumed with true when it has, with false when its task is cancelled first.
        var turn: CheckedContinuation<Bool, Never>?
    }

    private struct State {
        var lines: [String: [Waiter]] = [:]
        var lastNumber: UInt64 = 0
    }

    private let state = Mutex(State())

    /// The places of one caller, taken all at the same moment: of two callers with places in the same lines, one comes
    /// before the other in all of them.
    final class Places {
        private let gate: KeyedGate
        private var places: [Place]

        fileprivate init(_ gate: KeyedGate, _ keys: [String]) {
            self.gate = gate
            places = gate.take(keys)
        }

        /// Runs `body` when every earlier operation on the key is done, and leaves that place; where there is none any
        /// more, in a new one. Throws when the task is cancelled before its turn.
        func enter<R>(_ key: String, _ body: () async throws -> R) async throws -> R {
            let place = places.firstIndex { $0.key == key }.map { places.remove(at: $0) } ?? gate.take([key])[0]
            defer { gate.leave(place) }
            guard await gate.turnUnlessCancelled(of: place) else { throw CancellationError() }
            try Task.checkCancellation()
            return try await body()
        }

        /// Gives up the places that are left, or one key's.
        func leave(_ key: String? = nil) {
            for place in places where key == nil || place.key == key { gate.leave(place) }
            places.removeAll { key == nil || $0.key == key }
        }
    }

    /// Takes places for whoever has several operations to do, one after another.
    func places(for keys: [String]) -> Places { Places(self, keys) }

    /// Runs `body` when every earlier operation on `key` is done, the task cancelled or not.
    func enter<R>(_ key: String, _ body: () async throws -> R) async rethrows -> R {
        try await enter(all: [key], body)
    }

    /// Runs `body` when every earlier operation on each of `keys`, which are all different, is done.
    func enter<R>(all keys: [String], _ body: () async throws -> R) async rethrows -> R {
        let places = take(keys)
        defer { for place in places { leave(place) } }
        for place in places { _ = await turn(of: place) }
        return try await body()
    }

    private func take(_ keys: [String]) -> [Place] {
        state.withLock { state in
            keys.map { key in
                state.lastNumber += 1
                state.lines[key, default: []].append(Waiter(number: state.lastNumber))
                return Place(key: key, number: state.lastNumber)
            }
        }
    }

    private func leave(_ place: Place) {
        let next = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard var line = state.lines[place.key],
                let index = line.firstIndex(where: { $0.number == place.number })
            else { return nil }
            line.remove(at: index)
            var turn: CheckedContinuation<Bool, Never>?
            if index == 0, !line.isEmpty { swap(&turn, &line[0].turn) }
            state.lines[place.key] = line.isEmpty ? nil : line
            return turn
        }
        next?.resume(returning: true)
    }

    private func turnUnlessCancelled(of place: Place) async -> Bool {
        await withTaskCancellationHandler {
            await turn(of: place, unlessCancelled: true)
        } onCancel: {
            giveUpWaiting(place)
        }
    }

    private func turn(of place: Place, unlessCancelled: Bool = false) async -> Bool {
        await withCheckedContinuation { continuation in
            let isTurn = state.withLock { state -> Bool? in
                guard let index = state.lines[place.key]?.firstIndex(where: { $0.number == place.number }) else {
                    return false
                }
                if index == 0 { return true }
                // Looked at under the lock that the cancellation handler takes: it comes before or after, never between.
                if unlessCancelled && Task.isCancelled { return false }
                state.lines[place.key]?[index].turn = continuation
                return nil
            }
            if let isTurn { continuation.resume(returning: isTurn) }
        }
    }

    private func giveUpWaiting(_ place: Place) {
        let turn = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard var line = state.lines[place.key],
                let index = line.firstIndex(where: { $0.number == place.number })
            else { return nil }
            var turn: CheckedContinuation<Bool, Never>?
            swap(&turn, &line[index].turn)
            state.lines[place.key] = line
            return turn
        }
        turn?.resume(returning: false)
    }
}
