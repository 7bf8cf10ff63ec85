metadata description = 'The function app and its plan.'

import { functionOf, hostingSettings, spell } from 'types.bicep'

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

@description('How it runs.')
param hosting hostingSettings

@description('The names of all exports.')
param exportNames string[]

@description('Address of a package to deploy. Empty: it is published by other means. It may carry a token.')
@secure()
param packageUri string

@description('The exporter\'s settings by name.')
param settings { *: string }

@description('Further app settings, which win over all others.')
param additionalSettings { *: string }

var platformSettings = {
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
  APPLICATIONINSIGHTS_CONNECTION_STRING: applicationInsightsConnectionString
  AZURE_CLIENT_ID: identityClientId
  AZURE_TOKEN_CREDENTIALS: 'ManagedIdentityCredential'
  AzureWebJobsStorage__blobServiceUri: hostStorageBlobEndpoint
  AzureWebJobsStorage__clientId: identityClientId
  AzureWebJobsStorage__credential: 'managedidentity'
  // A later exporter of the host keeps five traces a second by default, and their log records alone: alerts need every run's.
  OTEL_TRACES_SAMPLER: 'microsoft.fixed_percentage'
  OTEL_TRACES_SAMPLER_ARG: '1.0'
}

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: name
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: {
    reserved: true
    zoneRedundant: hosting.?zoneRedundant ?? false
  }
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
    keyVaultReferenceIdentity: identityId
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
      runtime: { name: 'node', version: hosting.?nodeVersion ?? '24' }
      scaleAndConcurrency: {
        alwaysReady: map(items(hosting.?alwaysReady ?? {}), each => {
          name: 'function:${functionOf(spell(each.key, exportNames))}'
          instanceCount: each.value
        })
        instanceMemoryMB: hosting.?instanceMemoryMb ?? 2048
        maximumInstanceCount: hosting.?maximumInstanceCount ?? 40
      }
    }
    siteConfig: {
      appSettings: map(items(union(settings, platformSettings, additionalSettings)), setting => {
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

resource package 'Microsoft.Web/sites/extensions@2025-03-01' = if (!empty(packageUri)) {
  parent: app
  name: 'onedeploy'
  // The type knows MSDeploy's properties only.
  #disable-next-line BCP187
  properties: {
    packageUri: packageUri
    remoteBuild: false
  }
  dependsOn: [app::ftpPassword, app::scmPassword]
}

@description('Name of the function app.')
output name string = app.name
