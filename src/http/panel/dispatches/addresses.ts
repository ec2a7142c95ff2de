/** How a person may read the addresses of an edition: whole for few, and only once it is written down. */
import type { Edition } from '../../../editions/editions.ts'
import { displayAddress, maskAddress } from '../../../mail.ts'
import { audit } from '../../../people/audit.ts'
import { may } from '../../../people/users.ts'
import type { PanelRequest } from '../route.ts'

export async function addressesFor(
  { engine, user }: PanelRequest,
  { id }: Edition,
  detail: object,
): Promise<(address: string) => string> {
  if (!may(user, 'addresses.see')) return (address) => maskAddress(displayAddress(address))
  await audit(engine.db, {
    at: engine.clock.now(),
    user,
    act: 'addresses.see',
    subject: `edition ${id}`,
    detail,
  })
  return displayAddress
}
