metadata description = 'The exporter\'s identity: a new one, or one that is there.'

@description('Name of a new identity.')
param name string

@description('Region.')
param location string

@description('Tags.')
param tags object

@description('Resource id of an existing identity. Empty: a new one is made here.')
param existingId string

var isNew = empty(existingId)
var segments = split(existingId, '/')

resource new 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = if (isNew) {
  name: name
  location: location
  tags: tags
}

resource given 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = if (!isNew) {
  name: last(segments)
  scope: resourceGroup(segments[?2] ?? subscription().subscriptionId, segments[?4] ?? resourceGroup().name)
}

@description('Resource id.')
output id string = isNew ? new.id : existingId

@description('Whom roles are given to.')
output principalId string = isNew ? new!.properties.principalId : given!.properties.principalId

@description('What the app signs in with.')
output clientId string = isNew ? new!.properties.clientId : given!.properties.clientId
