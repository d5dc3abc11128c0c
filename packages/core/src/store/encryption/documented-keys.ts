/** The keys that our documents show, in base64url. They are public, so no store may use them. */
export const documentedKeys: readonly string[] = [
  'C3o5wKU2_pOCs62HcnJ_Ifdy8X-Kn66gJRwQSJXkGpI',
  'T4f0e2wn39zN0NBj2bQAC76EwHg2mHkti4Ce_RNDdCE'
]
