/** Subscribing to the open lists, confirmed by mail. What the pages answer never says whether an address is known. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Hono } from 'hono'
import { allLists, type List } from '../../audience/lists.ts'
import type { Engine } from '../../flow/engine.ts'
import type { MailNow } from '../../flow/mail-now.ts'
import {
  confirmSubscription,
  requestOwnSubscriptions,
  requestSubscription,
  standingOf,
} from '../../flow/subscribe.ts'
import { readToken } from '../../keys.ts'
import { paths } from '../../links.ts'
import type { PageEnv } from '../env.ts'
import { readForm, textOf } from '../form.ts'
import type { Limits } from '../limits.ts'
import { confirmPage, confirmedPage } from './confirm-page.ts'
import { brokenLinkPage } from './leave.ts'
import { readManageForm, readSubscribeForm } from './subscribe-form.ts'
import { checkMailPage, subscribePage, tryLaterPage } from './subscribe-page.ts'

/** Every answer takes this long at least: how long the database took must not tell a known address from another. */
const answerMs = 250

export function subscribePages(engine: Engine, limits: Limits, mail: MailNow): Hono<PageEnv> {
  return new Hono<PageEnv>()
    .get(paths.subscriptions, async (c) =>
      subscribePage(c, engine.privacy, await openLists(engine)),
    )
    .post(paths.subscriptions, limits.forms, async (c) => {
      const answerTime = sleep(answerMs)
      const form = await readForm(c)
      const lists = await openLists(engine)
      const isManage = textOf(form, 'accion') === 'administrar'
      const read = isManage ? readManageForm(form) : readSubscribeForm(form, lists)
      if (!read.ok) return subscribePage(c, engine.privacy, lists, read)
      const { address } = read.asked
      const answered = isManage
        ? await requestOwnSubscriptions(engine, address)
        : await requestSubscription(engine, read.asked, read.lists)
      mail.send()
      await answerTime
      if (answered.is === 'taken') return checkMailPage(c, { address, isManage })
      const waitMs = answered.until.getTime() - engine.clock.now().getTime()
      return tryLaterPage(c, Math.max(1, Math.ceil(waitMs / 1000)))
    })
    .get(paths.confirm(':token'), async (c) => {
      const requestId = requestOf(engine, c.req.param('token'))
      if (requestId === undefined) return brokenLinkPage(c)
      return confirmPage(c, await standingOf(engine, requestId))
    })
    .post(paths.confirm(':token'), async (c) => {
      const requestId = requestOf(engine, c.req.param('token'))
      if (requestId === undefined) return brokenLinkPage(c)
      return confirmedPage(c, await confirmSubscription(engine, requestId))
    })
}

async function openLists({ db }: Engine): Promise<List[]> {
  return (await allLists(db)).filter(({ isOpen }) => isOpen)
}

const requestOf = ({ keys }: Engine, token: string): number | undefined =>
  readToken(keys, 'confirm', token)?.[0]
