metadata description = 'The function app and its plan.'

@description('Name of both resources; the app\'s host name begins with it.')
param name string

@description('Region.')
param location string

@description('Tags.')
param tags object

@description('Resource id of the exporter\'s identity.')
param identityId string

@description('Client id of the exporter\'s identity.')
param identityClientId string

@description('Blob endpoint of the host\'s storage account, without a slash at its end.')
param hostStorageBlobEndpoint string

@description('Container of the deployed package.')
param packageContainerName string

@description('Connection string of the exporter\'s own Application Insights.')
param applicationInsightsConnectionString string

@description('Subnet that the app\'s outgoing traffic goes through. Empty: none.')
param subnetId string

@description('Memory of an instance in MB.')
param instanceMemoryMb int

@description('The most instances at once.')
param maximumInstanceCount int

@description('The exporter\'s settings by name.')
param settings { *: string }

var platformSettings = {
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
  APPLICATIONINSIGHTS_CONNECTION_STRING: applicationInsightsConnectionString
  AZURE_CLIENT_ID: identityClientId
  AZURE_TOKEN_CREDENTIALS: 'ManagedIdentityCredential'
  AzureWebJobsStorage__blobServiceUri: hostStorageBlobEndpoint
  AzureWebJobsStorage__clientId: identityClientId
  AzureWebJobsStorage__credential: 'managedidentity'
}

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: name
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2025-03-01' = {
  name: name
  location: location
  // azd finds the app by this tag: it is the service's name in azure.yaml.
  tags: union(tags, { 'azd-service-name': 'exporter' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identityId}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${hostStorageBlobEndpoint}/${packageContainerName}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      runtime: { name: 'node', version: '24' }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMb
        maximumInstanceCount: maximumInstanceCount
      }
    }
    siteConfig: {
      appSettings: map(items(union(settings, platformSettings)), setting => {
        name: setting.key
        value: setting.value
      })
      // The portal runs a function by hand from the browser.
      cors: { allowedOrigins: [environment().portal] }
      ftpsState: 'Disabled'
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
    }
  }

  resource ftpPassword 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: { allow: false }
  }

  resource scmPassword 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: { allow: false }
  }
}

@description('Name of the function app.')
output name string = app.name
