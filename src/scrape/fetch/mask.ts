/** Credentials out of whatever people see: addresses, details, log lines. */

const HIDDEN = '***'

const SECRET_NAMES = new Set(
  (
    'key apikey api_key api-key x-api-key appid app_id token auth auth_token access_token refresh_token id_token ' +
    'authorization proxy-authorization cookie secret client_secret password passwd pass pwd sig signature session ' +
    'sessionid session_id sid jwt code hmac credential x-amz-signature x-amz-credential x-amz-security-token'
  ).split(' '),
)

const SECRET_ENDINGS = ['token', '_key', '-key', 'apikey', 'secret', 'password', 'signature', '-auth', '_auth']

/** Whether a header or query parameter of this name carries a credential. */
export const isSecretName = (name: string): boolean => {
  const lower = name.toLowerCase()
  return SECRET_NAMES.has(lower) || SECRET_ENDINGS.some(ending => lower.endsWith(ending))
}

/** The address without user-info, credentials in its query, and fragment; what relative addresses are resolved against. */
export const withoutSecrets = (address: URL): string => {
  const url = bare(address)
  for (const name of new Set(url.searchParams.keys())) if (isSecretName(name)) url.searchParams.delete(name)
  return url.href
}

/** The address as it may be shown: where a credential stood there are stars. */
export const maskUrl = (address: URL): string => {
  const url = bare(address)
  for (const name of new Set(url.searchParams.keys())) if (isSecretName(name)) url.searchParams.set(name, HIDDEN)
  return url.href
}

// Untouched parameters keep their own spelling: an address that is shown can be asked again.
const bare = (address: URL): URL => {
  const url = new URL(address)
  url.username = ''
  url.password = ''
  url.hash = ''
  return url
}

const ADDRESS = /https?:\/\/[^\s"'<>()[\]{}]+/gi
const LONGEST_DETAIL = 500

/** A detail for people: these secrets and whatever credentials stand in addresses are masked, and the length is bounded. */
export const maskText = (text: string, secrets: readonly string[] = []): string => {
  let masked = text.slice(0, LONGEST_DETAIL * 4)
  for (const secret of secrets) masked = masked.replaceAll(secret, HIDDEN)
  return masked.replace(ADDRESS, maskedAddress).slice(0, LONGEST_DETAIL)
}

const maskedAddress = (text: string): string => (URL.canParse(text) ? maskUrl(new URL(text)) : 'an address')
