/** Why a run is there, and why it is as it is, in plain words. Pure, over the stored row. */

import type { Instant } from '../base/instant.ts'
import type { RunId } from '../base/name.ts'
import type { Run, SkipReason } from '../domain/run.ts'
import type { Schedule } from '../domain/schedule.ts'
import { about, took } from './assets/times.js'
import { html } from './html.ts'
import type { Html } from './html.ts'
import { runLink, runPath, scheduleLink } from './links.ts'
import { ago, exact } from './moment.ts'
import { lateBy } from './state.ts'

/** Sentences: what wanted it, when it came to be, what became of it. `schedule`: null when it is gone. */
export const storyOf = (run: Run, schedule: Schedule | null, now: Instant): readonly Html[] =>
  [wantedBy(run, schedule, now), started(run, schedule, now), cancelAsked(run, now), became(run, now)].filter(
    sentence => sentence !== null,
  )

const wantedBy = (run: Run, schedule: Schedule | null, now: Instant): Html => {
  const { trigger } = run
  switch (trigger.kind) {
    case 'schedule':
      return scheduled(run, schedule, now)
    case 'event':
      return followed(run, trigger.run === null ? trigger.parents : [trigger.run], schedule, now)
    case 'hand':
      return html`Wanted by hand ${clockOf(run, now)}, ${throughWhat(trigger.by)}.`
    case 'again':
      return html`Run ${runLink(trigger.of)} once again, wanted ${clockOf(run, now)} ${throughWhat(trigger.by)}.`
    case 'flow':
      return html`A step of the flow of run ${runLink(trigger.run)}.`
    default:
      return trigger satisfies never
  }
}

const followed = (run: Run, after: readonly RunId[], schedule: Schedule | null, now: Instant): Html => {
  const sentence = scheduled(run, schedule, now)
  if (after.length === 0) return sentence
  const runs = after.map((id, i) => html`${i === 0 ? '' : ', '}${runLink(id)}`)
  return html`${sentence} It came after ${after.length === 1 ? 'run' : 'runs'} ${runs}.`
}

const ways: ReadonlyMap<string, string> = new Map([
  ['dashboard', 'through the dashboard'],
  ['api', 'through the API'],
  ['cli', 'from the shell'],
  ['code', 'by the program itself'],
])

const throughWhat = (by: string): string => ways.get(by) ?? `by ${by}`

const clockOf = (run: Run, now: Instant): Html => html`at ${exact(run.createdAt, now)}`

const scheduled = (run: Run, schedule: Schedule | null, now: Instant): Html => {
  const condition = schedule === null ? null : html` by <code>${schedule.condition}</code>`
  const name =
    run.schedule === null
      ? html`A schedule that is gone`
      : schedule === null
        ? html`${run.schedule}, which is gone since,`
        : scheduleLink(run.schedule)
  if (run.nominalAt === null) return html`${name} wanted it${condition}.`
  if (run.count > 1 && run.lastNominalAt !== null) {
    return html`${name} was due ${run.count} times from ${exact(run.nominalAt, now)} to
    ${exact(run.lastNominalAt, now)}${condition}.`
  }
  return html`${name} was due at ${exact(run.nominalAt, now)}${condition}.`
}

const started = (run: Run, schedule: Schedule | null, now: Instant): Html | null => {
  const late = lateBy(run, now, schedule?.policies.jitter)
  if (run.startedAt === null)
    return late === null ? null : html`It is <strong class="late">${about(late)} late</strong> and has not started.`
  if (run.nominalAt === null) return null
  if (late !== null) return html`It started <strong class="late">${about(late)} late</strong>.`
  return html`It started on time (${took(Math.max(run.startedAt - run.nominalAt, 0))} after).`
}

const cancelAsked = (run: Run, now: Instant): Html | null =>
  run.state === 'running' && run.cancelRequestedAt !== null
    ? html`It was asked to stop ${ago(run.cancelRequestedAt, now)}, ${throughWhat(run.cancelledBy ?? 'api')}, and says
      itself when it is over.`
    : null

const became = (run: Run, now: Instant): Html | null => {
  switch (run.state) {
    case 'skipped':
      return html`${run.count > 1 ? 'They were' : 'It was'} not executed: ${withRunLinks(skipWords(run))}.`
    case 'open':
      return html`It waits${run.detail === null ? null : html`: ${withRunLinks(run.detail)}`}.`
    case 'queued':
      return html`It waits for a free place${run.detail === null ? null : html` (${run.detail})`}.`
    case 'retrying':
      return html`Attempt ${run.attempt} of ${run.attemptsAllowed} failed; the next one
      ${run.retryAt === null ? 'is to come' : html`comes ${ago(run.retryAt, now)}`}.`
    case 'partial':
      return html`It succeeded in part${run.detail === null ? null : html`: ${run.detail}`}.`
    case 'cancelled':
      return html`It was ${run.detail ?? 'cancelled'}.`
    case 'failed':
      return html`It failed${run.attempt > 1 && ` after ${run.attempt} attempts`}:
      ${failWords[run.reason ?? 'error'] ?? run.reason}${run.detail !== null && ` (${run.detail})`}.`
    case 'running':
    case 'succeeded':
      return null
    default:
      return run.state satisfies never
  }
}

/** The words of a reason, where a run that is named can be gone to. */
export const withRunLinks = (words: string): Html =>
  html`${words.split(/\b([Rr]un [1-9]\d{0,14})\b/).map((piece, i) => (i % 2 === 1 ? html`<a href="${runPath(Number(piece.slice(4)) as RunId)}">${piece}</a>` : piece))}`

const skipWords = (run: Run): string =>
  run.detail ?? skips[run.reason as SkipReason] ?? run.reason ?? 'no reason is kept'

const skips: Readonly<Record<SkipReason, string>> = {
  missed: 'its time had passed by more than its grace',
  coalesced: 'a newer opportunity took its place',
  overlap: 'an earlier run was still unfinished',
  paused: 'the schedule was paused',
  condition: 'what it waited for did not come true in time',
  edited: 'the schedule was edited meanwhile',
  blocked: 'the source was blocked',
  ended: 'the schedule was removed or had ended',
  expired: 'it had waited for too long',
}

const failWords: Readonly<Record<string, string>> = {
  error: 'its handler threw',
  timeout: 'it took longer than its timeout',
  lost: 'its worker died or stood still, and no attempt was left',
  quarantined: 'several workers in a row died executing it',
  stopped: 'its worker stopped, and it has no retry',
  input: 'its input does not fit the task',
  deadline: 'its deadline passed',
}
