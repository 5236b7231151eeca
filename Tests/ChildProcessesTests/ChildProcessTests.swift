import ChildProcesses
import Glibc
import NIOPosix
import Testing

private func shell(_ script: String, limit: Int = 1 << 20, errors: Bool = false) -> ChildOptions {
    ChildOptions(
        program: "/bin/sh", arguments: ["-c", script], standardError: errors ? .lines : .inherited,
        maximumLineBytes: limit)
}

private func start(_ options: ChildOptions) async throws -> ChildProcess {
    try await ChildProcess.start(options, group: MultiThreadedEventLoopGroup.singleton)
}

private func everything(from child: ChildProcess) async -> [ChildEvent] {
    var events: [ChildEvent] = []
    for await event in child.events { events.append(event) }
    return events
}

private func line(_ text: String) -> ChildEvent { .line(Array(text.utf8)) }

@Suite struct ChildProcessTests {
    @Test func linesComeInOrderAndTheExitIsLast() async throws {
        let child = try await start(shell("echo one; echo two; exit 3"))
        #expect(await everything(from: child) == [line("one"), line("two"), .outputEnded, .exited(.code(3))])
    }

    @Test func aChildAnswersEachLineThatItIsSent() async throws {
        let child = try await start(shell("while read -r word; do echo \"got $word\"; done"))
        var events = child.events.makeAsyncIterator()
        for word in ["a", "b", "c"] {
            try await child.send(line: Array(word.utf8))
            #expect(await events.next() == line("got \(word)"))
        }
        child.closeInput()
        #expect(await events.next() == .outputEnded)
        #expect(await events.next() == .exited(.code(0)))
        #expect(await events.next() == nil)
    }

    @Test func aKilledChildIsReportedWithItsSignal() async throws {
        let child = try await start(shell("echo ready; exec sleep 600"))
        var events = child.events.makeAsyncIterator()
        #expect(await events.next() == line("ready"))
        child.send(signal: 9)
        var last: ChildEvent?
        while let event = await events.next() { last = event }
        #expect(last == .exited(.signal(9)))
        #expect(ChildExit.signal(9).description.contains("Killed"))
    }

    @Test func aLineWithoutANewlineAtTheEndIsALine() async throws {
        let child = try await start(shell("printf 'a\\nb'"))
        #expect(await everything(from: child) == [line("a"), line("b"), .outputEnded, .exited(.code(0))])
    }

    @Test func anOversizedLineIsSkippedAndTheNextOneRead() async throws {
        let child = try await start(shell("head -c 200000 /dev/zero | tr '\\0' x; echo; echo after", limit: 1000))
        #expect(
            await everything(from: child)
                == [.lineTooLong(limitBytes: 1000), line("after"), .outputEnded, .exited(.code(0))])
    }

    @Test func standardErrorCanBeReadInLines() async throws {
        let child = try await start(shell("echo trouble >&2; exit 1", errors: true))
        let events = await everything(from: child)
        #expect(events.contains(.errorLine(Array("trouble".utf8))))
        #expect(events.last == .exited(.code(1)))
    }

    @Test func moreOutputThanMayWaitArrivesCompleteAndInOrder() async throws {
        let child = try await start(shell("seq 1 20000"))
        let events = await everything(from: child)
        #expect(events.count == 20002)
        #expect(events.prefix(20000).enumerated().allSatisfy { $1 == line("\($0 + 1)") })
        #expect(events.last == .exited(.code(0)))
    }

    @Test func terminateEndsAPoliteChild() async throws {
        let child = try await start(shell("trap 'kill $!; exit 7' TERM; sleep 600 & echo ready; wait"))
        var events = child.events.makeAsyncIterator()
        #expect(await events.next() == line("ready"))
        #expect(await child.terminate(grace: .seconds(60)) == .code(7))
    }

    @Test func terminateKillsAChildThatIgnoresIt() async throws {
        let child = try await start(shell("trap '' TERM; echo ready; exec sleep 600"))
        var events = child.events.makeAsyncIterator()
        #expect(await events.next() == line("ready"))
        #expect(await child.terminate(grace: .milliseconds(50)) == .signal(9))
    }

    @Test func outputHeldOpenByAGrandchildDoesNotHideTheExit() async throws {
        let child = try await start(shell("sleep 600 & echo $!; exit 0"))
        let events = await everything(from: child)
        #expect(events.last == .exited(.code(0)))
        guard case .line(let digits) = events.first, let grandchild = Int32(String(decoding: digits, as: UTF8.self))
        else {
            Issue.record("the grandchild's process id is missing: \(events)")
            return
        }
        #expect(kill(grandchild, SIGKILL) == 0)
    }

    @Test func aProgramThatIsNotThereIsNamed() async throws {
        let expected = ChildProcessError(
            "cannot start /nowhere/program: run the program: No such file or directory")
        await #expect(throws: expected) { _ = try await start(ChildOptions(program: "/nowhere/program")) }
    }

    @Test func writingToAChildThatIsGoneIsAnError() async throws {
        let child = try await start(shell("exit 0"))
        _ = await child.waitForExit()
        await #expect(throws: ChildProcessError.self) { try await child.send(line: [1]) }
    }

    @Test func aChildThatDoesNotReadIsNotGivenMoreThanTheLimit() async throws {
        var options = shell("exec sleep 600")
        options.maximumPendingInputBytes = 1 << 20
        let child = try await start(options)
        // Whichever of the two comes second meets the rest of the first, which no pipe holds whole.
        let refusals = await withTaskGroup(of: String.self) { group in
            for _ in 0..<2 {
                group.addTask {
                    do throws(ChildProcessError) {
                        try await child.send(bytes: [UInt8](repeating: 0, count: 1 << 20))
                        return "sent"
                    } catch {
                        return error.description
                    }
                }
            }
            var refusals: [String] = []
            for await refusal in group {
                refusals.append(refusal)
                child.send(signal: 9)
            }
            return refusals
        }
        #expect(refusals.first?.contains("has left 1048576 bytes unread") == true)
        #expect(refusals.last?.contains("no longer reads its input") == true)
    }

    @Test func theChildHasTheEnvironmentNiceLevelAndLimitsThatWereAsked() async throws {
        var options = shell("echo $COLOUR; nice; ulimit -d; cat /proc/self/oom_score_adj; ls /proc/self/fd | wc -l")
        options.environment = ["COLOUR": "green"]
        options.niceLevel = 5
        options.memoryLimitBytes = 512 << 20
        options.outOfMemoryScore = 700
        let lines = await everything(from: try await start(options)).compactMap { event in
            if case .line(let bytes) = event { String(decoding: bytes, as: UTF8.self) } else { nil }
        }
        let own = getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0)
        // `ls` itself holds a fourth descriptor, the folder.
        #expect(lines == ["green", "\(min(own + 5, 19))", "\(512 << 10)", "700", "4"])
    }

    @Test func droppingTheEventsKillsTheChild() async throws {
        let child = try await start(shell("echo ready; exec sleep 600"))
        for await event in child.events where event == line("ready") { break }
        #expect(await child.waitForExit() == .signal(9))
    }
}
